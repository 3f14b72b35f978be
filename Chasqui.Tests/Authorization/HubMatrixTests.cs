using System.Net;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Authorization;

public sealed class HubMatrixTests(TestServer server) : IClassFixture<TestServer>
{
    public static TheoryData<string, string, Caller, string> HubMethods => MatrixTable.Cells(Matrix.HubMethods);

    [Theory]
    [MemberData(nameof(HubMethods))]
    public async Task AHubMethodAnswersEachCallerAsTheTableSays(string method, string argument, Caller caller, string answer)
    {
        using var stage = await Stage.SetAsync(server, caller);
        if (answer == "401")
        {
            await stage.HappenAsync();
            var refused = await Assert.ThrowsAsync<HttpRequestException>(() => HubClient.ConnectAsync(server, stage.Token()));
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            return;
        }

        await using var hub = await OpenAsync(server, stage, caller);
        await stage.HappenAsync();
        var before = await stage.ContentsAsync();

        var received = await hub.AskAsync(method, await stage.FillAsync(argument));

        Assert.Equal(answer, received is Error error ? SocketAnswers.Word(error.Code) : received.GetType().Name);
        if (stage.IsOutsider)
        {
            Assert.Equal(before, await stage.ContentsAsync());
            await stage.SayAsync();
            await stage.TellAsync();
            if (caller == Caller.Removed)
            {
                await hub.ReceiveAsync<ConversationRemoved>();
            }

            // The first thing that comes, so nothing of what was said has.
            await hub.ReceiveAsync<ConversationCreated>();
        }
    }

    /// <summary>Opens a connection that has joined the group, where the caller can.</summary>
    internal static async Task<HubClient> OpenAsync(TestServer server, Stage stage, Caller caller)
    {
        var hub = await HubClient.ConnectAsync(server, stage.Token());
        if (caller != Caller.Stranger)
        {
            await hub.JoinAsync(stage.Room);
        }

        return hub;
    }
}
