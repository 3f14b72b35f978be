using Chasqui.Server.Delivery;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Messages;

/// <summary>Stores one message, answers its sender and sends it to the members who have joined.</summary>
internal sealed class AppendMessage(
    Draft draft, IAppendAnswer answer, MessageTable table, IFanOut fanOut, MessageMetrics metrics, TimeProvider clock)
    : MessageWrite(draft, table, clock)
{
    private readonly MessageTable _table = table;
    private readonly long _queued = metrics.Queued();

    public override void Committed()
    {
        try
        {
            answer.Appended(Result);
        }
        finally
        {
            metrics.Acknowledged(_queued);
            // Even if the answer failed: the message is stored, and the members must get it.
            if (Result.Status == AppendStatus.Stored)
            {
                metrics.Stored();
                fanOut.Publish(Result.Message!, Result.MembershipVersion);
                _table.OnStored();
            }
        }
    }

    public override void Refused(WriteRefusedException reason) => answer.Refused(reason);
}
