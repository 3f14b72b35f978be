using System.Threading.Channels;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Support;

/// <summary>A SignalR client, as a .NET developer would write it; it keeps the events that came.</summary>
public sealed class HubClient : IAsyncDisposable
{
    private readonly Channel<ServerEvent> _events = Channel.CreateUnbounded<ServerEvent>();

    // Apart from the others: who comes and goes depends on time.
    private readonly Channel<PresenceChanged> _presence = Channel.CreateUnbounded<PresenceChanged>();

    private HubClient(HubConnection connection)
    {
        Connection = connection;
        On<NewMessage>();
        On<MessageEdited>();
        On<MessageDeleted>();
        On<ReactionAdded>();
        On<ReactionRemoved>();
        On<MemberAdded>();
        On<MemberRemoved>();
        On<ConversationRenamed>();
        On<ReadMarkMoved>();
        On<ConversationCreated>();
        On<ConversationUpdated>();
        On<ConversationRemoved>();
        On<Typing>();
        Connection.On<PresenceChanged>(nameof(IChatClient.PresenceChanged), received => _presence.Writer.TryWrite(received));
        On<Closing>();
        Connection.Closed += cause =>
        {
            _events.Writer.TryComplete(cause);
            return Task.CompletedTask;
        };
    }

    public HubConnection Connection { get; }

    /// <summary>Connects with the token where SignalR puts it: in the query for WebSockets and server-sent events.</summary>
    public static Task<HubClient> ConnectAsync(
        TestServer server, string? token, HttpTransportType transports = HttpTransportType.WebSockets) =>
        ConnectAsync(new Uri(server.Url), token, transports);

    public static async Task<HubClient> ConnectAsync(
        Uri server, string? token, HttpTransportType transports = HttpTransportType.WebSockets, CancellationToken cancellationToken = default)
    {
        var client = new HubClient(new HubConnectionBuilder()
            .WithUrl(new Uri(server, "hubs/chat"), transports, http => http.AccessTokenProvider = () => Task.FromResult(token))
            .AddJsonProtocol(json => ChatJson.Configure(json.PayloadSerializerOptions))
            .Build());
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(RawClient.Deadline);
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

    public Task<Ack> SendAsync(string conversation, string content, string? clientMessageId = null) =>
        InvokeAsync(
            nameof(IChatHub.SendMessage),
            new SendMessage { ConversationId = Id(conversation), Content = content, ClientMessageId = clientMessageId });

    /// <summary>Invokes a hub method with any arguments.</summary>
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

    /// <summary>Sends a frame. Its Ack or Error comes among the events with the frame's request id, as on a raw socket.</summary>
    public async Task RequestAsync(ClientFrame frame)
    {
        try
        {
            _events.Writer.TryWrite(await Connection.InvokeAsync<Ack>(frame.GetType().Name, frame));
        }
        catch (HubException e) when (Error.FromHubText(e.Message) is { } error)
        {
            _events.Writer.TryWrite(error with { RequestId = frame.RequestId });
        }
#pragma warning disable CA1031 // Without an Error the outcome is unknown, with any exception of the client library.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _events.Writer.TryComplete(e);
        }
    }

    /// <summary>The next event.</summary>
    public ValueTask<ServerEvent> NextAsync(CancellationToken cancellationToken) => _events.Reader.ReadAsync(cancellationToken);

    /// <summary>Ends the events.</summary>
    public void Abort() => _events.Writer.TryComplete();

    /// <summary>The next event, which has to be a message of a conversation that was joined.</summary>
    public async Task<Message> ReceiveAsync() => (await ReceiveAsync<NewMessage>()).Message;

    /// <summary>The next event, which has to be of this kind.</summary>
    public async Task<TEvent> ReceiveAsync<TEvent>()
        where TEvent : ServerEvent
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        return Assert.IsType<TEvent>(await _events.Reader.ReadAsync(deadline.Token));
    }

    public async Task<PresenceChanged> ReceivePresenceAsync()
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        return await _presence.Reader.ReadAsync(deadline.Token);
    }

    /// <summary>Completes when the server has closed the connection; to be asked for before it does.</summary>
    public Task ClosedAsync()
    {
        var closed = new TaskCompletionSource();
        Connection.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        return closed.Task.WaitAsync(RawClient.Deadline);
    }

    /// <summary>What has come and was not read. Ask for it after an answer that came later than any would have.</summary>
    public IReadOnlyList<ServerEvent> TakeReceived()
    {
        var received = new List<ServerEvent>();
        while (_events.Reader.TryRead(out var next))
        {
            received.Add(next);
        }

        return received;
    }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();

    private static ConversationId Id(string text) =>
        PrefixedId.TryParse<ConversationId>(text, out var id) ? id : throw new ArgumentException(text);

    private void On<TEvent>()
        where TEvent : ServerEvent =>
        Connection.On<TEvent>(typeof(TEvent).Name, received => _events.Writer.TryWrite(received));
}
