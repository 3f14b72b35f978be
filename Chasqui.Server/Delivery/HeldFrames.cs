namespace Chasqui.Server.Delivery;

/// <summary>
/// The memory of one connection's frames. Frames can wait for long, behind a join that replays to a slow reader: until they have been
/// carried out, no more are read than fit.
/// </summary>
internal sealed class HeldFrames
{
    /// <summary>Frames are read while less than this is held: one of the longest, or any number of ordinary ones.</summary>
    private const int MaxBytes = 64 * 1024;

    /// <summary>The texts of shorter frames are not counted.</summary>
    private const int ShortContent = ChatLimits.MaxContentCharacters / 8;

    /// <summary>
    /// What a frame counts besides its content. When as many are carried out as may be at once, the next ones fill the buffers of the
    /// transport, which nobody counts for each connection: 64 KiB, as so many of these.
    /// </summary>
    private const int FrameBytes = 4 * 1024;

    private readonly Lock _gate = new();
    private long _bytes;
    private int _frames;
    private bool _ended;
    private TaskCompletionSource? _room;

    /// <summary>About the bytes in memory.</summary>
    public long Bytes => Interlocked.Read(ref _bytes) + ((long)FrameBytes * Volatile.Read(ref _frames)) + Unfinished;

    /// <summary>Bytes of a frame that has not come as a whole.</summary>
    public int Unfinished { get; set; }

    private bool HasRoom => _ended || _bytes < MaxBytes;

    /// <summary>Holds a frame until the holder is disposed of.</summary>
    public Holder Hold(ClientFrame? frame)
    {
        Interlocked.Increment(ref _frames);
        // Before the frame is checked: any of its texts may be long, or missing.
        var send = frame as SendMessage;
        var length = LengthOf(frame?.RequestId) + LengthOf(send?.Content) + LengthOf(send?.ClientMessageId);
        var bytes = length > ShortContent ? length * sizeof(char) : 0;
        if (bytes > 0)
        {
            Change(bytes);
        }

        return new Holder(this, bytes);
    }

    /// <summary>Completes when another frame may be read, or the connection ends.</summary>
    public Task WhenRoomAsync()
    {
        if (Interlocked.Read(ref _bytes) < MaxBytes)
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

    private static int LengthOf(string? text) => text?.Length ?? 0;

    private void Release(int bytes)
    {
        Interlocked.Decrement(ref _frames);
        if (bytes > 0)
        {
            Change(-bytes);
        }
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
        public void Dispose() => held.Release(bytes);
    }
}
