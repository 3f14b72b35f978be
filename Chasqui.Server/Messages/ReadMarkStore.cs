using Chasqui.Server.Delivery;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Messages;

internal enum MarkStatus
{
    /// <summary>There is no such conversation, or the caller is not a member.</summary>
    NotFound,

    /// <summary>The conversation has no such event yet.</summary>
    Beyond,

    /// <summary>The member has read as far already.</summary>
    Duplicate,

    Moved,
}

/// <summary>How far each member has read.</summary>
internal sealed class ReadMarkStore(MessageStore messages, WriteQueue writes, IFanOut fanOut)
{
    /// <summary>Moves a mark forward, and tells of it.</summary>
    public async Task<MarkStatus> MoveAsync(ReadMarkMoved moved, CancellationToken cancellationToken)
    {
        var (conversation, user, seq) = (moved.ConversationId, moved.UserId, moved.Seq);
        if (await messages.ExtentAsync(conversation, user, cancellationToken) is not { } extent)
        {
            return MarkStatus.NotFound;
        }

        if (seq > extent.LastSeq)
        {
            return MarkStatus.Beyond;
        }

        // Messages keep their numbers, so that it is good for the transaction too.
        var number = seq == extent.LastSeq ? extent.Messages : await messages.NumberAtAsync(conversation, seq, cancellationToken);
        return await writes.RunAsync(
            session => ReadMarks.Move(session, conversation, user, seq, number) ? MarkStatus.Moved : MarkStatus.Duplicate,
            status =>
            {
                if (status == MarkStatus.Moved)
                {
                    fanOut.Marked(moved);
                }
            },
            conversation);
    }
}
