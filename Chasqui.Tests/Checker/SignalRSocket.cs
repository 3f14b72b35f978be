using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Checker;

/// <summary>The stock SignalR client, its callbacks and completions turned into one stream of events.</summary>
internal sealed class SignalRSocket : ChatSocket
{
    private readonly Channel<Received> _received = Channel.CreateUnbounded<Received>(new() { SingleReader = true });
    private readonly HubConnection _connection;

    private SignalRSocket(Uri server, string token)
    {
        _connection = new HubConnectionBuilder()
            .WithUrl(new Uri(server, "/hubs/chat"), options =>
            {
                options.AccessTokenProvider = () => Task.FromResult<string?>(token);
                options.Transports = HttpTransportType.WebSockets;
                options.SkipNegotiation = true;
            })
            .AddJsonProtocol(options => ChatJson.Configure(options.PayloadSerializerOptions))
            .Build();
        _connection.On<NewMessage>(nameof(IChatClient.NewMessage), arrived => _received.Writer.TryWrite(Read(arrived.Message)));
        _connection.Closed += cause =>
        {
            _received.Writer.TryComplete(new ConnectionLostException(cause));
            return Task.CompletedTask;
        };
    }

    public static async Task<ChatSocket> ConnectAsync(Uri server, string token, CancellationToken cancellationToken)
    {
        var socket = new SignalRSocket(server, token);
        try
        {
            await socket._connection.StartAsync(cancellationToken);
            return socket;
        }
        catch (Exception e) when (e is HttpRequestException or WebSocketException or IOException or InvalidOperationException
            or HubException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            await socket.DisposeAsync();
            throw new ConnectionLostException(e);
        }
    }

    public override ValueTask SendMessageAsync(Guid conversation, MessageKey key)
    {
        var frame = new SendMessage
        {
            ConversationId = new ConversationId(conversation),
            Content = Contents.Of(key),
            ClientMessageId = Contents.Id(key),
        };
        return Invoke(nameof(IChatHub.SendMessage), frame, new Request(RequestKind.Send, key.Number));
    }

    public override ValueTask JoinAsync(Guid conversation, int place, long after) => Invoke(
        nameof(IChatHub.Join),
        new Join { ConversationId = new ConversationId(conversation), After = after },
        new Request(RequestKind.Join, place));

    public override ValueTask LeaveAsync(Guid conversation, int place) => Invoke(
        nameof(IChatHub.Leave),
        new Leave { ConversationId = new ConversationId(conversation) },
        new Request(RequestKind.Leave, place));

    public override async ValueTask<Received> ReceiveAsync()
    {
        try
        {
            return await _received.Reader.ReadAsync();
        }
        catch (ChannelClosedException e)
        {
            throw new ConnectionLostException(e);
        }
    }

    public override void Abort() => _received.Writer.TryComplete();

    public override ValueTask DisposeAsync()
    {
        Abort();
        return _connection.DisposeAsync();
    }

    /// <summary>Asks, and lets the answer come when it comes.</summary>
    private ValueTask Invoke(string method, ClientFrame frame, Request request)
    {
        _ = InvokeAsync(method, frame, request);
        return ValueTask.CompletedTask;
    }

    private async Task InvokeAsync(string method, ClientFrame frame, Request request)
    {
        try
        {
            _received.Writer.TryWrite(Read(await _connection.InvokeAsync<Ack>(method, frame), request));
        }
        catch (HubException e) when (Error.FromHubText(e.Message) is { } error)
        {
            _received.Writer.TryWrite(new Received { Kind = ReceivedKind.Error, Request = request, Code = error.Code });
        }
#pragma warning disable CA1031 // Without a worded refusal the outcome is unknown, whatever the client library throws.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _received.Writer.TryComplete(new ConnectionLostException(e));
        }
    }

    private static Received Read(Ack ack, Request request) => new()
    {
        Kind = ReceivedKind.Ack,
        Request = request,
        Conversation = ack.ConversationId?.Value ?? default,
        Id = ack.MessageId?.Value ?? default,
        Seq = ack.Seq ?? 0,
        Duplicate = ack.Duplicate ?? false,
        Replayed = ack.Replayed,
    };

    private static Received Read(Message message) => new()
    {
        Kind = ReceivedKind.Message,
        Conversation = message.ConversationId.Value,
        Id = message.Id.Value,
        Seq = message.Seq,
        Key = Contents.KeyOf(Encoding.UTF8.GetBytes(message.Content)),
    };
}
