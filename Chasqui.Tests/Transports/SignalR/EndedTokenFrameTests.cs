using Chasqui.Protocol;
using Chasqui.Server.Accounts;
using Chasqui.Server.Delivery;
using Chasqui.Server.Storage;
using Chasqui.Tests.Support;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Transports.SignalR;

public sealed class EndedTokenFrameTests(TestServer server) : IClassFixture<TestServer>
{
    /// <summary>What the hub carries out of one connection at once; the next frame waits.</summary>
    private const int FramesAtOnce = 16;

    [Theory]
    [InlineData(EndedToken.Ended, 4401)]
    [InlineData(EndedToken.Disabled, 4403)]
    public async Task PendingFramesOfEndedTokenAreNotExecuted(string reason, int code)
    {
        using var ana = await server.PersonAsync();
        var room = await ana.OpenGroupAsync();
        await using var socket = await ana.ConnectToHubAsync();
        var token = Jwt.Payload(ana.Token);
        var user = new UserId(Guid.Parse(token.Text("sub")));
        var connections = server.Services.GetRequiredService<ConnectionRegistry>();
        using (var other = Database.Open(server.DataFolder))
        {
            // Nothing is answered while this lasts, so that no frame but the first ones begins.
            await other.ExecuteAsync("BEGIN IMMEDIATE");
            var writes = server.Services.GetRequiredService<WriteQueue>();
            var blocked = writes.RunAsync(static _ => true);
            await UntilAsync(() => writes.Queued == 0);
            await socket.SendTextAsync(string.Concat(Enumerable.Range(0, FramesAtOnce).Select(_ => Say(room, "before"))) + Say(room, "after"));
            await UntilAsync(() => writes.Queued > 0);

            connections.CloseToken(user, Guid.Parse(token.Text("jti")), EndedToken.ToCloseReason(reason));
            await other.ExecuteAsync("ROLLBACK");
            await blocked;
        }

        Assert.Equal(code, await socket.ReceiveCloseAsync());
        // What the writer had is committed before this is.
        await ana.SendAsync(room, "later");
        var said = (await ana.GetAsync($"/api/conversations/{room}/messages")).AsArray().Select(message => message!.Text("content")).ToArray();
        Assert.Contains("before", said);
        Assert.DoesNotContain("after", said);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        while (!condition())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static string Say(string room, string content) =>
        $$$"""{"type":1,"invocationId":"1","target":"SendMessage","arguments":[{"conversation_id":"{{{room}}}","content":"{{{content}}}"}]}"""
        + HubSocket.RecordSeparator;
}
