using System.Net;
using System.Net.Sockets;

namespace Chasqui.Tests.Support;

/// <summary>
/// Stands between a server and its PostgreSQL, and breaks when it is told to: after a commit, before the answer arrives, or in
/// the middle of a batch, without a word.
/// </summary>
public sealed class LossyWire : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly int _target;
    private readonly Task _accepting;
    private readonly TaskCompletionSource _silent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _losing;
    private int _halving;

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

    /// <summary>
    /// Of the next batch that stores a message half arrives, and nothing ever comes over its connection again, which stays: as
    /// when the network between the two is gone.
    /// </summary>
    /// <returns>Completes when that has happened.</returns>
    public Task FallSilentInTheNextBatch()
    {
        Volatile.Write(ref _halving, 1);
        return _silent.Task;
    }

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
                AskAsync(server.GetStream(), database.GetStream(), ended.Token),
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

    private async Task AskAsync(NetworkStream from, NetworkStream to, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            // By then the batch has begun its transaction and locked the conversation.
            var half = buffer.AsSpan(0, count).IndexOf("INSERT INTO messages"u8);
            if (half >= 0 && Interlocked.Exchange(ref _halving, 0) == 1)
            {
                await to.WriteAsync(buffer.AsMemory(0, half), cancellationToken);
                _silent.SetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            await to.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
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
