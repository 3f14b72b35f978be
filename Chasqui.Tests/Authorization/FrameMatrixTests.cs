using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Authorization;

public sealed class FrameMatrixTests(TestServer server) : IClassFixture<TestServer>
{
    public static TheoryData<string, string, Caller, string> Frames => MatrixTable.Cells(Matrix.Frames);

    [Theory]
    [MemberData(nameof(Frames))]
    public async Task AFrameIsAnsweredToEachCallerAsTheTableSays(string frame, string _, Caller caller, string answer)
    {
        using var stage = await Stage.SetAsync(server, caller);
        if (answer == "401")
        {
            await stage.HappenAsync();
            var refused = await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(
                () => RawClient.ConnectAsync(server, stage.Token() ?? ""));
            Assert.Contains("401", refused.Message, StringComparison.Ordinal);
            return;
        }

        await using var socket = await OpenAsync(server, stage, caller);
        await stage.HappenAsync();
        var before = await stage.ContentsAsync();

        var received = await AskAsync(socket, await stage.FillAsync(frame));

        Assert.Equal(answer, received.Text("type") == nameof(Ack) ? nameof(Ack) : SocketAnswers.Word(received.Text("code")));
        if (stage.IsOutsider)
        {
            Assert.Equal(before, await stage.ContentsAsync());
            await stage.SayAsync();
            // The next thing that comes is the answer to this, and nothing of what was said.
            await socket.PingAsync();
        }
    }

    /// <summary>Opens a socket that has joined the group, where the caller can.</summary>
    internal static async Task<RawClient> OpenAsync(TestServer server, Stage stage, Caller caller)
    {
        var socket = await RawClient.ConnectAsync(server, stage.Token()!);
        if (caller != Caller.Stranger)
        {
            await socket.JoinAsync(stage.Room);
        }

        return socket;
    }

    /// <summary>Sends a frame, and gives the <c>Ack</c> or the <c>Error</c> that answers it.</summary>
    internal static async Task<JsonObject> AskAsync(RawClient socket, string frame)
    {
        var request = JsonNode.Parse(frame)!;
        request["request_id"] = "ask";
        await socket.SendTextAsync(request.ToJsonString());
        var received = await socket.ReceiveAsync();
        while (received["request_id"]?.GetValue<string>() != "ask")
        {
            received = await socket.ReceiveAsync();
        }

        return received;
    }
}
