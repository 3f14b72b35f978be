using Chasqui.Server.Storage;

namespace Chasqui.Server.Messages;

/// <summary>
/// Whoever waits for a message to be stored. Exactly one of these is called, on the writer's thread, or, where the queue takes
/// nothing, at once on the sender's: it is short, waits for nothing and throws nothing.
/// </summary>
internal interface IAppendAnswer
{
    /// <summary>It was decided, and what was stored is on disk.</summary>
    void Appended(in Appended appended);

    /// <summary>It was not committed; after a failed fsync it may yet be found stored at the next start.</summary>
    void Refused(WriteRefusedException reason);
}

/// <summary>The answer as a task.</summary>
internal sealed class AppendTask(TaskCreationOptions completion) : TaskCompletionSource<Appended>(completion), IAppendAnswer
{
    public void Appended(in Appended appended) => SetResult(appended);

    public void Refused(WriteRefusedException reason) => SetException(reason);
}
