using Chasqui.Protocol;

namespace Chasqui.Tests.Checker;

/// <summary>What one connection was sent of one conversation, from its join to its end.</summary>
/// <param name="after">The newest <c>seq</c> that the client had.</param>
internal sealed class Session(long after)
{
    public long After => after;

    /// <summary>The <c>seq</c> of the join's ack, when one came.</summary>
    public long? JoinedAt { get; set; }

    public bool? Replayed { get; set; }

    /// <summary>What came over the socket, in the order in which it came.</summary>
    public List<Delivery> Delivered { get; } = [];

    /// <summary>What the client read from history, because the join did not replay.</summary>
    public List<Delivery> CaughtUp { get; } = [];

    public bool IsCaughtUp { get; set; }

    /// <summary>The <c>seq</c> that has to come first over the socket.</summary>
    /// <remarks>
    /// The server replays unless the client is further behind than the contract says; where the connection was lost
    /// before the join's ack came, what was delivered tells which of the two it was.
    /// </remarks>
    public long FirstSeq() => Replayed switch
    {
        true => after + 1,
        false => JoinedAt!.Value + 1,
        _ when Delivered is [var first, ..] && first.Seq - 1 - after > ChatLimits.MaxReplayedMessages => first.Seq,
        _ => after + 1,
    };

    /// <summary>What the client would have shown by now, in order; it stops before the first gap.</summary>
    public IEnumerable<Delivery> Shown()
    {
        if (Replayed == false)
        {
            return IsCaughtUp ? CaughtUp.Concat(Delivered) : [];
        }

        return Delivered.Count > 0 && Delivered[0].Seq == after + 1 ? Delivered : [];
    }

    /// <summary>The newest <c>seq</c> that the client has now, and goes on from the next time.</summary>
    public long Cursor()
    {
        if (Replayed == false)
        {
            return !IsCaughtUp ? after : Math.Max(JoinedAt!.Value, Delivered.Count > 0 ? Delivered[^1].Seq : 0);
        }

        return Delivered.Count > 0 && Delivered[0].Seq == after + 1 ? Delivered[^1].Seq : after;
    }

    public Session Copy()
    {
        var copy = new Session(after) { JoinedAt = JoinedAt, Replayed = Replayed, IsCaughtUp = IsCaughtUp };
        copy.Delivered.AddRange(Delivered);
        copy.CaughtUp.AddRange(CaughtUp);
        return copy;
    }
}
