namespace Chasqui.Server.Storage;

/// <summary>Why nothing was stored.</summary>
internal enum WriteRefusal
{
    /// <summary>More is queued than the server takes.</summary>
    Overloaded,

    /// <summary>Disk full, database locked, or the disk failed.</summary>
    StorageUnavailable,

    /// <summary>The server is stopping.</summary>
    Stopping,

    /// <summary>This one write failed, through no fault of storage.</summary>
    Failed,
}

/// <summary>A write that was not carried out.</summary>
internal sealed class WriteRefusedException(WriteRefusal refusal, Exception? cause = null)
    : Exception($"The write was refused: {refusal}", cause)
{
    public WriteRefusal Refusal { get; } = refusal;
}
