using Chasqui.Protocol;

namespace Chasqui.Server.Storage;

/// <summary>
/// One unit of writing. The queue calls <see cref="Execute"/> and then exactly one of <see cref="Committed"/> and
/// <see cref="Refused"/>, all on the writer's thread, in the order in which writes were queued; only what it does not take is
/// refused at once, on the thread of whoever queued it.
/// </summary>
internal abstract class Write
{
    /// <summary>The conversation that it changes, or reads and must not find changed before its commit.</summary>
    public virtual ConversationId? Conversation => null;

    /// <summary>
    /// Whether it adds rows to a table that others read on from the last position that they have seen. One such write is under
    /// way at a time, on whichever server: positions then rise in the order of the commits, and no reader misses one.
    /// </summary>
    public virtual bool IsOrdered => false;

    /// <summary>About how much it writes, in pages of the database.</summary>
    public virtual int Weight => 1;

    /// <summary>Whose it is, where anybody traces.</summary>
    public WriteTrace? Trace { get; set; }

    /// <summary>
    /// Runs inside the transaction. It may run again, in a transaction of its own, when a neighbour spoiled the batch:
    /// it keeps nothing from the first time.
    /// </summary>
    public abstract void Execute(WriteSession session);

    /// <summary>What was executed is on disk. Returns soon: everybody's writes wait behind it.</summary>
    public abstract void Committed();

    /// <summary>
    /// It was not committed, as far as is known: after a failed fsync it may be found stored at the next start, and a database
    /// that did not answer may have stored it.
    /// </summary>
    public abstract void Refused(WriteRefusedException reason);
}

/// <summary>A write made of a delegate.</summary>
internal sealed class Write<T>(
    Func<WriteSession, T> execute, Action<T>? committed, ConversationId? conversation, bool ordered) : Write
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public override ConversationId? Conversation => conversation;

    public override bool IsOrdered => ordered;

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
