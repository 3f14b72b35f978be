using System.Net.WebSockets;

namespace Chasqui.Bench.Baselines;

/// <summary>One socket. It is written to directly while it keeps up, and through a queue while it does not.</summary>
internal sealed class BareMember(WebSocket socket)
{
    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _queue = new();
    private bool _sending;

    public void Send(byte[] message)
    {
        lock (_gate)
        {
            if (_sending)
            {
                _queue.Enqueue(message);
                return;
            }

            _sending = true;
        }

        _ = SendAllAsync(message);
    }

    private async Task SendAllAsync(byte[]? message)
    {
        try
        {
            do
            {
                await socket.SendAsync(message.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            }
            while (TryDequeue(out message));
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Its receiving loop ends it.
        }
    }

    private bool TryDequeue(out byte[]? message)
    {
        lock (_gate)
        {
            return _sending = _queue.TryDequeue(out message);
        }
    }
}
