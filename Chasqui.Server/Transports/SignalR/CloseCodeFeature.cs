using System.Net.WebSockets;
using Chasqui.Server.Delivery;
using Chasqui.Server.Transports.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Chasqui.Server.Transports.SignalR;

/// <summary>
/// Lets SignalR's stock WebSocket transport close with the codes of the contract: it knows only 1000 and 1011, and has
/// no setting for others. It also sees what the transport does not pass on: in how many pieces a message comes.
/// </summary>
internal sealed class CloseCodeFeature(IHttpWebSocketFeature inner, int maxFragments) : IHttpWebSocketFeature
{
    // RFC 6455, 7.4.2. Below it a clean end of SignalR's own says more: its close message has the reason, and clients
    // take any code but 1000 for a failure.
    private const int FirstOwnCode = 4000;

    private readonly int _maxFragments = maxFragments;
    private ClientConnection? _control;

    public bool IsWebSocketRequest => inner.IsWebSocketRequest;

    public static void Watch(HttpContext http, int maxFragments)
    {
        if (http.Features.Get<IHttpWebSocketFeature>() is { } webSockets)
        {
            var codes = new CloseCodeFeature(webSockets, maxFragments);
            http.Features.Set(codes);
            http.Features.Set<IHttpWebSocketFeature>(codes);
        }
    }

    /// <summary>Says whose reason for ending it is.</summary>
    public void Serve(ClientConnection control) => _control = control;

    public async Task<WebSocket> AcceptAsync(WebSocketAcceptContext context) => new Socket(await inner.AcceptAsync(context), this);

    /// <returns>Whether it is for the client's socket to say, and not only for SignalR's close message.</returns>
    private static bool IsOwn(CloseReason end) => end.Code >= FirstOwnCode || end == CloseReason.TooManyFragments;

    private void Check(ref FragmentCounter fragments, ValueWebSocketReceiveResult received, int bufferLength)
    {
        if (fragments.IsExceededBy(received, bufferLength))
        {
            // The connection may not have started; the next piece finds it.
            _control?.Close(CloseReason.TooManyFragments);
        }
        else if (received is { Count: 0, EndOfMessage: true, MessageType: not WebSocketMessageType.Close })
        {
            // An empty message: nothing of it reaches the hub's input, where the others are counted.
            _control?.Count(1);
        }
    }

    private sealed class Socket(WebSocket inner, CloseCodeFeature codes) : WebSocket
    {
        private FragmentCounter _fragments = new(codes._maxFragments);

        public override WebSocketCloseStatus? CloseStatus => inner.CloseStatus;

        public override string? CloseStatusDescription => inner.CloseStatusDescription;

        public override WebSocketState State => inner.State;

        public override string? SubProtocol => inner.SubProtocol;

        public override void Abort() => inner.Abort();

        public override Task CloseAsync(
            WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
            inner.CloseAsync(closeStatus, statusDescription, cancellationToken);

        public override Task CloseOutputAsync(
            WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
            codes._control?.End is { } end && IsOwn(end)
                ? inner.CloseOutputAsync((WebSocketCloseStatus)end.Code, end.Reason, cancellationToken)
                : inner.CloseOutputAsync(closeStatus, statusDescription, cancellationToken);

        public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) =>
            inner.ReceiveAsync(buffer, cancellationToken);

        public override async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(
            Memory<byte> buffer, CancellationToken cancellationToken)
        {
            var received = await inner.ReceiveAsync(buffer, cancellationToken);
            codes.Check(ref _fragments, received, buffer.Length);
            return received;
        }

        public override Task SendAsync(
            ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
            inner.SendAsync(buffer, messageType, endOfMessage, cancellationToken);

        public override ValueTask SendAsync(
            ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
            inner.SendAsync(buffer, messageType, endOfMessage, cancellationToken);

        public override void Dispose() => inner.Dispose();
    }
}
