namespace Chasqui.Server.FrameworkWorkarounds;

/// <summary>
/// SignalR's WebSocket transport closes with 1000 or 1011 and has no setting for other codes; this WebSocket feature replaces
/// them by the server's own close code.
/// </summary>
internal sealed class WebSocketCloseCodes(IHttpWebSocketFeature inner) : IHttpWebSocketFeature
{
    public bool IsWebSocketRequest => inner.IsWebSocketRequest;

    /// <summary>The code and the reason to close with; <see langword="null"/> leaves it to SignalR.</summary>
    public Func<(int Code, string Reason)?> Close { get; set; } = static () => null;

    public static void Install(HttpContext http)
    {
        if (http.Features.Get<IHttpWebSocketFeature>() is { } webSockets)
        {
            var codes = new WebSocketCloseCodes(webSockets);
            http.Features.Set(codes);
            http.Features.Set<IHttpWebSocketFeature>(codes);
        }
    }

    public async Task<WebSocket> AcceptAsync(WebSocketAcceptContext context) => new Socket(await inner.AcceptAsync(context), this);

    private sealed class Socket(WebSocket inner, WebSocketCloseCodes codes) : WebSocket
    {
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
            codes.Close() is var (code, reason)
                ? inner.CloseOutputAsync((WebSocketCloseStatus)code, reason, cancellationToken)
                : inner.CloseOutputAsync(closeStatus, statusDescription, cancellationToken);

        public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) =>
            inner.ReceiveAsync(buffer, cancellationToken);

        public override ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
            inner.ReceiveAsync(buffer, cancellationToken);

        public override Task SendAsync(
            ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
            inner.SendAsync(buffer, messageType, endOfMessage, cancellationToken);

        public override ValueTask SendAsync(
            ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
            inner.SendAsync(buffer, messageType, endOfMessage, cancellationToken);

        public override void Dispose() => inner.Dispose();
    }
}
