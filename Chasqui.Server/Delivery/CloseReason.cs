namespace Chasqui.Server.Delivery;

/// <summary>Why the server closes a connection: a close code of the contract and its text.</summary>
/// <param name="Code">A close code of RFC 6455 or of the contract's private range.</param>
/// <param name="Reason">At most 123 bytes.</param>
/// <param name="Advice">One sentence for the client's author: what to do next.</param>
internal sealed record CloseReason(int Code, string Reason, string Advice)
{
    // RFC 6455, 7.4.2.
    private const int FirstPrivateCode = 4000;

    /// <summary>
    /// Whether the socket of a SignalR client closes with this code. The others stand in SignalR's close message only, since its
    /// clients take any code but 1000 for a failure.
    /// </summary>
    public bool HasOwnCode => Code >= FirstPrivateCode || this == TooManyFragments || this == Overloaded;

    public static readonly CloseReason Normal = new(
        (int)WebSocketCloseStatus.NormalClosure, "",
        "The connection ended as it was asked to.");

    public static readonly CloseReason GoingAway = new(
        (int)WebSocketCloseStatus.EndpointUnavailable, "the server is stopping",
        "Connect again after a pause, to this server or another one.");

    public static readonly CloseReason BinaryFrame = new(
        (int)WebSocketCloseStatus.InvalidMessageType, "frames are JSON text",
        "Send frames as text messages.");

    public static readonly CloseReason TooManyFragments = new(
        (int)WebSocketCloseStatus.PolicyViolation, "the frame has too many fragments",
        "Send a frame in fewer fragments.");

    public static readonly CloseReason FrameTooLarge = new(
        (int)WebSocketCloseStatus.MessageTooBig, "the frame is too large",
        "Send shorter frames; `GET /api/protocol` says how long they may be.");

    public static readonly CloseReason InternalError = new(
        (int)WebSocketCloseStatus.InternalServerError, "internal error",
        "Connect again after a pause; the log of the server knows why.");

    public static readonly CloseReason Overloaded = new(
        1013, "overloaded",
        "Connect again after a pause, and join with `after`: the server was short of memory, and this connection held much of it.");

    public static readonly CloseReason TokenEnded = new(
        4401, "the token has expired or was ended",
        "Renew the token or log in, then connect again with the new one.");

    public static readonly CloseReason AccountDisabled = new(
        4403, "the account was disabled",
        "Do not connect again: it is refused until the account is enabled.");

    public static readonly CloseReason TooSlow = new(
        4408, "too slow to read",
        "Connect again and join with `after`: what was queued is lost to this connection, and to nothing else.");

    public static readonly CloseReason Flooding = new(
        4429, "too many frames",
        "Send less, and connect again after a pause.");
}
