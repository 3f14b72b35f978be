namespace Chasqui.Server.Delivery;

/// <summary>
/// The memory of one connection's frames that are being carried out. Frames can wait for long, behind a join that replays to a slow
/// reader: until they have been carried out, no more are read than fit.
/// </summary>
internal sealed class HeldFrames
{
    /// <summary>Frames are read while less than this is held: one of the longest, or any number of ordinary ones.</summary>
    private const int MaxBytes = 64 * 1024;

    private readonly Lock _gate = new();
    private long _bytes;
    private bool _ended;
    private TaskCompletionSource? _room;

    /// <summary>Bytes in memory.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Holds the content of a frame until the holder is disposed of. Short ones are not counted.</summary>
    public Holder Hold(ClientFrame? frame) =>
        frame is SendMessage { Content: { Length: > ChatLimits.MaxContentCharacters / 8 } content }
            ? Hold(content.Length * sizeof(char))
            : default;

    /// <summary>Completes when another frame may be read, or the connection ends.</summary>
    public Task WhenRoomAsync()
    {
        if (Bytes < MaxBytes)
        {
            return Task.CompletedTask;
        }

        lock (_gate)
        {
            return HasRoom
                ? Task.CompletedTask
                : (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>The connection ends.</summary>
    public void End() => Change(0, ended: true);

    private bool HasRoom => _ended || _bytes < MaxBytes;

    private Holder Hold(int bytes)
    {
        Change(bytes);
        return new Holder(this, bytes);
    }

    private void Change(int bytes, bool ended = false)
    {
        lock (_gate)
        {
            _ended |= ended;
            _bytes += bytes;
            if (HasRoom)
            {
                _room?.SetResult();
                _room = null;
            }
        }
    }

    public readonly struct Holder(HeldFrames held, int bytes) : IDisposable
    {
        public void Dispose()
        {
            if (bytes > 0)
            {
                held.Change(-bytes);
            }
        }
    }
}
