using System.Threading.Channels;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Support;

/// <summary>A SignalR client, as a .NET developer would write it; it keeps the messages that came.</summary>
public sealed class HubClient : IAsyncDisposable
{
    private readonly Channel<Message> _messages = Channel.CreateUnbounded<Message>();

    private HubClient(HubConnection connection)
    {
        Connection = connection;
        connection.On<NewMessage>(nameof(IChatClient.NewMessage), said => _messages.Writer.TryWrite(said.Message));
    }

    public HubConnection Connection { get; }

    /// <summary>Connects with the token where SignalR puts it: in the query for WebSockets and server-sent events.</summary>
    public static async Task<HubClient> ConnectAsync(
        TestServer server, string? token, HttpTransportType transports = HttpTransportType.WebSockets)
    {
        var client = new HubClient(new HubConnectionBuilder()
            .WithUrl(server.Url + "/hubs/chat", transports, http => http.AccessTokenProvider = () => Task.FromResult(token))
            .AddJsonProtocol(json => ChatJson.Configure(json.PayloadSerializerOptions))
            .Build());
        try
        {
            using var deadline = new CancellationTokenSource(RawClient.Deadline);
            await client.Connection.StartAsync(deadline.Token);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    public Task<Ack> JoinAsync(string conversation, long? after = null) =>
        InvokeAsync(nameof(IChatHub.Join), new Join { ConversationId = Id(conversation), After = after });

    public Task<Ack> LeaveAsync(string conversation) =>
        InvokeAsync(nameof(IChatHub.Leave), new Leave { ConversationId = Id(conversation) });

    public Task<Ack> SendAsync(string conversation, string content) =>
        InvokeAsync(nameof(IChatHub.SendMessage), new SendMessage { ConversationId = Id(conversation), Content = content });

    /// <summary>Invokes a hub method with whatever arguments.</summary>
    public async Task<Ack> InvokeAsync(string method, params object?[] arguments)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        return await Connection.InvokeCoreAsync<Ack>(method, arguments, deadline.Token);
    }

    /// <summary>What the server says when it refuses an invocation.</summary>
    public async Task<Error> RefusalAsync(string method, params object?[] arguments)
    {
        var refused = await Assert.ThrowsAsync<HubException>(() => InvokeAsync(method, arguments));
        var error = Error.FromHubText(refused.Message);
        Assert.True(error is not null, $"No error can be read from: {refused.Message}");
        return error;
    }

    /// <summary>The next message of any conversation that was joined.</summary>
    public async Task<Message> ReceiveAsync()
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        return await _messages.Reader.ReadAsync(deadline.Token);
    }

    /// <summary>Whether no message has come that was not read. Ask it after an answer that came later than any would have.</summary>
    public bool HasNoMore => !_messages.Reader.TryPeek(out _);

    public ValueTask DisposeAsync() => Connection.DisposeAsync();

    private static ConversationId Id(string text) =>
        PrefixedId.TryParse<ConversationId>(text, out var id) ? id : throw new ArgumentException(text);
}
