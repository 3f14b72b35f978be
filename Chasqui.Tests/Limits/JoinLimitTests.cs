using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Limits;

public sealed class JoinLimitTests : IAsyncLifetime
{
    private readonly TestServer _server = new();

    public async ValueTask InitializeAsync() => await _server.StartAsync("--Limits:MaxJoinedConversations", "2");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task JoinAboveLimitIsRefusedUntilLeave()
    {
        using var ana = await _server.PersonAsync();
        var (one, two, three) = (await ana.OpenGroupAsync(), await ana.OpenGroupAsync(), await ana.OpenGroupAsync());
        await using var socket = await ana.ConnectAsync();
        await socket.JoinAsync(one);
        await socket.JoinAsync(two);

        // Joining again, with and without a replay, is no third one.
        await socket.JoinAsync(one);
        await socket.SendAsync(new { type = "join", conversation_id = two, after = 0, request_id = "again" });
        await socket.ReceiveAsync("Ack");

        foreach (var after in new long?[] { null, 0 })
        {
            await socket.SendAsync(new { type = "join", conversation_id = three, after, request_id = "r" });
            var error = await socket.ReceiveAsync("Error");
            Assert.Equal((ErrorCodes.TooManyJoined, "r"), (error.Text("code"), error.Text("request_id")));
        }

        // Asked for at once: what is left makes room for what is joined next.
        await socket.SendAsync(new { type = "leave", conversation_id = one });
        await socket.JoinAsync(three);
        await ana.SendAsync(three, "heard");
        Assert.Equal("heard", (await socket.ReceiveAsync("NewMessage"))["message"]!.Text("content"));

        // Each connection has its own.
        await using var other = await ana.ConnectAsync();
        await other.JoinAsync(one);
    }

    [Fact]
    public async Task RefusedJoinTakesNoPlace()
    {
        using var ana = await _server.PersonAsync();
        var (one, two) = (await ana.OpenGroupAsync(), await ana.OpenGroupAsync());
        await using var socket = await ana.ConnectAsync();
        foreach (var after in new long?[] { null, 0, null, 0 })
        {
            await socket.SendAsync(new { type = "join", conversation_id = $"{Guid.CreateVersion7()}", after });
            Assert.Equal(ErrorCodes.ConversationNotFound, (await socket.ReceiveAsync("Error")).Text("code"));
        }

        await socket.JoinAsync(one);
        await socket.JoinAsync(two);
    }

    [Fact]
    public async Task RemovalFreesJoinedPlace()
    {
        using var ana = await _server.PersonAsync();
        using var ben = await _server.PersonAsync();
        var (one, two, three) = (await ben.OpenGroupAsync(ana), await ana.OpenGroupAsync(), await ana.OpenGroupAsync());
        await using var socket = await ana.ConnectAsync();
        await socket.JoinAsync(one);
        await socket.JoinAsync(two);

        await (await ben.Http.DeleteAsync($"/api/conversations/{one}/participants/{ana.Id}")).ReadAsync(200);

        await socket.JoinAsync(three);
    }

    [Fact]
    public async Task HubRefusesContentWithNul()
    {
        using var ana = await _server.PersonAsync();
        await using var client = await HubClient.ConnectAsync(_server, ana.Token);
        await client.JoinAsync(await ana.OpenGroupAsync());
        await client.JoinAsync(await ana.OpenGroupAsync());

        var error = await client.RefusalAsync(nameof(IChatHub.Join), new { conversation_id = await ana.OpenGroupAsync() });
        Assert.Equal(ErrorCodes.TooManyJoined, error.Code);
    }
}
