using System.Net;
using System.Net.Sockets;

namespace Chasqui.Tests.Support;

/// <summary>Stands between a server and its PostgreSQL, and breaks when it is told to: after a commit, before anybody hears of it.</summary>
public sealed class LossyWire : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly int _target;
    private readonly Task _accepting;
    private int _losing;

    /// <param name="target">The port of PostgreSQL.</param>
    public LossyWire(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The answer to the next commit is lost, and its connection with it.</summary>
    public void LoseTheNextCommit() => Volatile.Write(ref _losing, 1);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient server)
    {
        using var database = new TcpClient();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        try
        {
            server.NoDelay = database.NoDelay = true;
            await database.ConnectAsync(IPAddress.Loopback, _target, ended.Token);
            var copying = new[]
            {
                server.GetStream().CopyToAsync(database.GetStream(), ended.Token),
                AnswerAsync(database.GetStream(), server.GetStream(), ended.Token),
            };
            await Task.WhenAny(copying);
            await ended.CancelAsync();
            await Task.WhenAll(copying);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // One of the two has gone.
        }
        finally
        {
            server.Dispose();
        }
    }

    private async Task AnswerAsync(NetworkStream from, NetworkStream to, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            // CommandComplete: 'C', its length, and the command.
            if (buffer.AsSpan(0, count).IndexOf("COMMIT\0"u8) >= 0 && Interlocked.Exchange(ref _losing, 0) == 1)
            {
                return;
            }

            await to.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }
}
