using Chasqui.Server.Delivery;
using Chasqui.Server.Http;
using Chasqui.Server.Transports.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Chasqui.Server.Transports.RawWebSocket;

/// <summary>A raw WebSocket as a SignalR connection: a duplex pipe, a user and a cancellation token for its end.</summary>
/// <remarks>
/// It has no heartbeat feature: SignalR then sends no pings of its own and has no client timeout, neither of which a raw
/// client could understand. The WebSocket's own pings find half-open connections.
/// </remarks>
internal sealed class RawConnection : ConnectionContext, IConnectionUserFeature, IDisposable
{
    private static readonly PipeOptions InputOptions = new(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false);

    private readonly WebSocket _socket;
    private readonly MeteredStream _stream;
    private readonly Pipe _input = new(InputOptions);
    private readonly CancellationTokenSource _closed = new();
    private IDictionary<object, object?>? _items;
    private bool _handshakeAnswered;

    public RawConnection(ConnectionServer server, WebSocket socket, MeteredStream stream, ClaimsPrincipal user)
    {
        _socket = socket;
        _stream = stream;
        User = user.WithIdOnly();
        Control = server.Open(SendAsync, _input.Reader.CancelPendingRead, user, isRaw: true);
        Transport = new DuplexPipe(_input.Reader, Control.Output);
        Features.Set<IConnectionUserFeature>(this);
        Features.Set(Control);
        ConnectionClosed = _closed.Token;
    }

    public PipeWriter Input => _input.Writer;

    public ClientConnection Control { get; }

    public override string ConnectionId { get; set; } = Guid.NewGuid().ToString("N");

    public ClaimsPrincipal? User { get; set; }

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items
    {
        // Created on first use; the server itself uses none.
        get => _items ??= new ConcurrentDictionary<object, object?>();
        set => _items = value;
    }

    public override IDuplexPipe Transport { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    public override void Abort(ConnectionAbortedException abortReason) => Control.Close(CloseReason.InternalError);

    /// <summary>The hub has ended the connection and reads no more.</summary>
    public void EndInput()
    {
        _input.Reader.Complete();
        _closed.Cancel();
    }

    public void Dispose()
    {
        Control.Output.End();
        _closed.Dispose();
        _socket.Dispose();
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> frame, bool more)
    {
        if (!_handshakeAnswered)
        {
            // The hub's first output is the answer to SignalR's handshake, which raw clients do not know.
            _handshakeAnswered = true;
            return ValueTask.CompletedTask;
        }

        if (frame.IsEmpty)
        {
            return _stream.UncorkAsync();
        }

        _stream.Corked = more;
        return _socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
    }
}
