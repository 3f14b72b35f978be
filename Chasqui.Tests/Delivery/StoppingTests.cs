using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Delivery;

public abstract class StoppingTests(Store store) : IAsyncLifetime
{
    private readonly TestServer _server = new() { Store = store };

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task StoppingClosesRawClientsWith1001()
    {
        using var alice = await _server.PersonAsync();
        await using var told = await alice.ConnectAsync();
        await told.SendAsync(new { type = "hello" });
        await told.ReceiveAsync("Welcome");
        await using var old = await alice.ConnectAsync();

        var stopping = _server.StopAsync();

        Assert.True((await told.ReceiveAsync("Closing"))["retry_after_ms"]!.GetValue<int>() > 0);
        Assert.Equal(1001, await told.ReceiveCloseAsync());
        Assert.Equal(1001, await old.ReceiveCloseAsync());
        await Task.WhenAll(told.CloseAsync(), old.CloseAsync(), stopping);
    }

    [Fact]
    public async Task SignalRClientsGetAClosingEventAndACloseThatLetsThemComeBack()
    {
        using var alice = await _server.PersonAsync();
        await using var hub = new HubConnectionBuilder()
            .WithUrl(_server.Url + "/hubs/chat", options => options.AccessTokenProvider = () => Task.FromResult<string?>(alice.Token))
            .AddJsonProtocol(options => ChatJson.Configure(options.PayloadSerializerOptions))
            .WithAutomaticReconnect()
            .Build();
        var closing = new TaskCompletionSource<Closing>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reconnecting = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        hub.On<Closing>(nameof(IChatClient.Closing), closing.SetResult);
        hub.Reconnecting += reason =>
        {
            reconnecting.TrySetResult(reason);
            return Task.CompletedTask;
        };
        await hub.StartAsync();
        // It has started when the handshake is done, a moment before the server counts it among those who are told.
        await hub.InvokeAsync<Ack>(nameof(IChatHub.Leave), new Leave { ConversationId = new ConversationId(Guid.CreateVersion7()) });

        var stopping = _server.StopAsync();

        Assert.True((await closing.Task.WaitAsync(RawClient.Deadline)).RetryAfterMs > 0);
        var reason = await reconnecting.Task.WaitAsync(RawClient.Deadline);
        Assert.Contains("the server is stopping", reason?.Message, StringComparison.Ordinal);
        await stopping;
    }

    [Fact]
    public async Task StoppingKeepsExactlyTheAcknowledgedMessages()
    {
        using var alice = await _server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        await using var socket = await alice.ConnectAsync();
        const int Count = 200;
        for (var i = 0; i < Count; i++)
        {
            await socket.SendAsync(new { type = "message", conversation_id = room, content = $"{i}", request_id = $"{i}" });
        }

        await socket.ReceiveAsync("Ack");
        var stopping = _server.StopAsync();
        var acked = 1;
        while (await socket.TryReceiveAsync() is { } answer)
        {
            if (answer["type"]!.GetValue<string>() == "Ack")
            {
                acked++;
            }
            else
            {
                Assert.Equal(ErrorCodes.ServerStopping, answer["code"]!.GetValue<string>());
            }
        }

        await stopping;
        await _server.StartAsync();
        using var back = alice.On(_server);
        Assert.Equal(acked, (await back.GetAsync($"/api/conversations/{room}/messages?limit=200")).AsArray().Count);
    }
}

public sealed class SqliteStoppingTests() : StoppingTests(Store.Sqlite);

[PostgresTests]
public sealed class PostgresStoppingTests() : StoppingTests(Store.Postgres);
