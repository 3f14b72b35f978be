using Chasqui.Server.Delivery;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Messages;

/// <summary>Stores one message, answers its sender and sends it to the members who have joined.</summary>
internal sealed class AppendMessage(
    Draft draft, TaskCreationOptions completion, MessageTable table, IFanOut fanOut, MessageMetrics metrics, TimeProvider clock)
    : MessageWrite(draft, table, clock)
{
    private readonly TaskCompletionSource<Appended> _completion = new(completion);
    private readonly long _queued = metrics.Queued();

    public Task<Appended> Completion => _completion.Task;

    public override void Committed()
    {
        _completion.SetResult(Result);
        metrics.Acknowledged(_queued);
        if (Result.Status == AppendStatus.Stored)
        {
            metrics.Stored();
            fanOut.Publish(Result.Event!, Result.MembershipVersion);
        }
    }

    /// <summary>Not inline: exceptions cost too much for the writer thread.</summary>
    public override void Refused(WriteRefusedException reason) =>
        ThreadPool.UnsafeQueueUserWorkItem(_ => _completion.SetException(reason), null);
}
