namespace Chasqui.Server.Storage;

/// <summary>
/// One unit of writing. The writer thread calls <see cref="Execute"/>, then either <see cref="Committed"/> or
/// <see cref="Refused"/>, in the order of the queue. The queue refuses a write that it does not accept on the calling thread.
/// </summary>
internal abstract class Write
{
    /// <summary>The conversation that it changes, or that must not change between its reads and its commit.</summary>
    public virtual ConversationId? Conversation => null;

    /// <summary>
    /// Whether it appends to a table that servers poll by position. One such write runs at a time, across all servers: positions
    /// then ascend in the order of the commits, and no poll misses a row.
    /// </summary>
    public virtual bool IsExclusive => false;

    /// <summary>Whether it runs statements. A batch without any such write has no transaction.</summary>
    public virtual bool NeedsStorage => true;

    /// <summary>About how many pages of the database it writes.</summary>
    public virtual int Pages => 1;

    public WriteTrace? Trace { get; set; }

    /// <summary>
    /// Runs inside the transaction. It can run again in another transaction when a write of the same batch fails: it must not
    /// rely on state from the first run.
    /// </summary>
    public abstract void Execute(WriteSession session);

    /// <summary>The write is on disk. Must return fast: the writer thread waits.</summary>
    public abstract void Committed();

    /// <summary>
    /// The write is not known to be committed. It may nevertheless be stored after a failed fsync, or when the database did not
    /// answer.
    /// </summary>
    public abstract void Refused(WriteRefusedException reason);
}

/// <summary>A write made of a delegate.</summary>
internal sealed class Write<T>(
    Func<WriteSession, T> execute, Action<T>? committed, ConversationId? conversation, bool exclusive) : Write
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public override ConversationId? Conversation => conversation;

    public override bool IsExclusive => exclusive;

    public Task<T> Completion => _completion.Task;

    public override void Execute(WriteSession session) => _result = execute(session);

    public override void Committed()
    {
        try
        {
            committed?.Invoke(_result);
        }
        finally
        {
            _completion.SetResult(_result);
        }
    }

    public override void Refused(WriteRefusedException reason) => _completion.SetException(reason);
}

/// <summary>Runs an action on the writer thread, after the writes that were queued before it. Needs no storage and always runs.</summary>
internal sealed class OrderedAction(Action action) : Write
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override bool NeedsStorage => false;

    public Task Completion => _completion.Task;

    public override void Execute(WriteSession session)
    {
    }

    public override void Committed()
    {
        action();
        _completion.SetResult();
    }

    public override void Refused(WriteRefusedException reason) => Committed();
}
