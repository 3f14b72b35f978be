using System.Net.WebSockets;

namespace Chasqui.Server.Delivery;

/// <summary>Why the server ends a connection: the close code of the contract and a word for people.</summary>
/// <param name="Code">A close code of RFC 6455 or of the contract's own range.</param>
/// <param name="Reason">At most 123 bytes.</param>
internal sealed record ConnectionEnd(int Code, string Reason)
{
    public static readonly ConnectionEnd Normal = new((int)WebSocketCloseStatus.NormalClosure, "");
    public static readonly ConnectionEnd GoingAway = new((int)WebSocketCloseStatus.EndpointUnavailable, "the server is stopping");
    public static readonly ConnectionEnd BinaryFrame = new((int)WebSocketCloseStatus.InvalidMessageType, "frames are JSON text");
    public static readonly ConnectionEnd TooManyFragments = new((int)WebSocketCloseStatus.PolicyViolation, "the frame has too many fragments");
    public static readonly ConnectionEnd FrameTooLarge = new((int)WebSocketCloseStatus.MessageTooBig, "the frame is too large");
    public static readonly ConnectionEnd InternalError = new((int)WebSocketCloseStatus.InternalServerError, "internal error");
    public static readonly ConnectionEnd TokenEnded = new(4401, "the token has expired or was ended");
    public static readonly ConnectionEnd AccountDisabled = new(4403, "the account was disabled");
    public static readonly ConnectionEnd TooSlow = new(4408, "too slow to read");
    public static readonly ConnectionEnd Flooding = new(4429, "too many frames");
}
