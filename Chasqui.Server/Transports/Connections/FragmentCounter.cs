using System.Net.WebSockets;

namespace Chasqui.Server.Transports.Connections;

/// <summary>
/// Counts the pieces in which one WebSocket message comes, so that an endless run of small or empty ones ends too. What the
/// network cuts apart looks the same as what the client does, and counts as well; what fills the buffer does not.
/// </summary>
internal struct FragmentCounter(int limit)
{
    private int _count;

    /// <summary>Counts what a read into a buffer of this length brought.</summary>
    /// <returns>Whether the message has more pieces than it may.</returns>
    public bool IsExceededBy(ValueWebSocketReceiveResult received, int bufferLength)
    {
        _count = received.EndOfMessage ? 0 : received.Count < bufferLength ? _count + 1 : _count;
        return _count > limit;
    }
}
