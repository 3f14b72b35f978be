namespace Chasqui.Server.Storage;

internal enum WriteRefusal
{
    /// <summary>The queue is full.</summary>
    Overloaded,

    /// <summary>Disk full, database locked, or the disk failed.</summary>
    StorageUnavailable,

    /// <summary>The server is stopping.</summary>
    Stopping,

    /// <summary>This write failed for a reason of its own.</summary>
    Failed,
}

internal sealed class WriteRefusedException(WriteRefusal refusal, Exception? cause = null)
    : Exception($"The write was refused: {refusal}", cause)
{
    public WriteRefusal Refusal { get; } = refusal;
}
