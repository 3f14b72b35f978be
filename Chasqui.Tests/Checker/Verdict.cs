namespace Chasqui.Tests.Checker;

/// <summary>
/// Compares what clients were told and shown with what the server has stored. It knows no sockets and no clock: the same
/// records give the same verdict.
/// </summary>
internal sealed class Verdict
{
    private const int MaxExamples = 20;

    private readonly Dictionary<Fault, int> _counts = [];
    private readonly List<string> _examples = [];

    private Verdict()
    {
    }

    /// <summary>The first faults, in words.</summary>
    public IReadOnlyList<string> Examples => _examples;

    public int Total => _counts.Values.Sum();

    public int this[Fault fault] => _counts.GetValueOrDefault(fault);

    /// <param name="rooms">Every conversation.</param>
    /// <param name="complete">Whether every reader has to have seen everything; otherwise each may stop somewhere.</param>
    /// <param name="surprises">What the clients found strange by themselves.</param>
    public static Verdict Of(IEnumerable<RoomRecord> rooms, bool complete = true, IEnumerable<string>? surprises = null)
    {
        var verdict = new Verdict();
        foreach (var surprise in surprises ?? [])
        {
            verdict.Add(Fault.Unexpected, surprise);
        }

        foreach (var room in rooms)
        {
            verdict.CheckHistory(room);
            verdict.CheckSends(room);
            foreach (var reader in room.Readers)
            {
                verdict.CheckSessions(room, reader);
                verdict.CheckShown(room, reader, complete);
            }
        }

        return verdict;
    }

    /// <summary>Dense from 1, no message twice, none that no client sent.</summary>
    private void CheckHistory(RoomRecord room)
    {
        var seen = new HashSet<MessageKey>(room.History.Count);
        var said = room.Sends.Select(send => send.Key).ToHashSet();
        for (var i = 0; i < room.History.Count; i++)
        {
            var stored = room.History[i];
            if (stored.Seq != i + 1)
            {
                Add(Fault.Gap, $"{room.Name}: the history has seq {stored.Seq} in place {i + 1}");
            }

            if (!said.Contains(stored.Key))
            {
                Add(Fault.NotStored, $"{room.Name}: seq {stored.Seq} holds a message that no client sent there ({stored.Key})");
            }
            else if (!seen.Add(stored.Key))
            {
                Add(Fault.Duplicated, $"{room.Name}: {stored.Key} is stored twice, the second time as seq {stored.Seq}");
            }
        }
    }

    /// <summary>Every ack holds, and each sender's messages stand in the order in which they were sent.</summary>
    private void CheckSends(RoomRecord room)
    {
        foreach (var send in room.Sends.Where(send => send.IsAcked))
        {
            var promised = new Delivery(send.Seq, send.Id, send.Key);
            if (At(room, send.Seq) != promised)
            {
                Add(Fault.Lost, $"{room.Name}: acknowledged as {promised}, stored as {At(room, send.Seq)}");
            }
        }

        var sends = room.Sends.ToDictionary(send => send.Key);
        var newest = new Dictionary<int, int>();
        foreach (var stored in room.History)
        {
            var earlier = newest.GetValueOrDefault(stored.Key.Sender, -1);
            newest[stored.Key.Sender] = Math.Max(earlier, stored.Key.Number);
            if (stored.Key.Number < earlier && sends.TryGetValue(stored.Key, out var send) && !send.Overtakable)
            {
                Add(Fault.OutOfOrder, $"{room.Name}: {stored.Key} (seq {stored.Seq}) stands behind the same sender's {earlier}");
            }
        }
    }

    /// <summary>What came over each connection is a piece of the history, from where the join stands, without gaps.</summary>
    private void CheckSessions(RoomRecord room, ReaderRecord reader)
    {
        foreach (var session in reader.Sessions)
        {
            if (session.JoinedAt < session.After)
            {
                Add(Fault.Lost, $"{Who(room, reader)} had seq {session.After}, and the server has only {session.JoinedAt}");
            }

            var expected = session.FirstSeq();
            foreach (var delivery in session.Delivered)
            {
                if (delivery.Seq != expected)
                {
                    Add(
                        delivery.Seq > expected ? Fault.Gap
                        : session.Delivered.Count(other => other.Seq == delivery.Seq) > 1 ? Fault.Duplicated
                        : Fault.OutOfOrder,
                        $"{Who(room, reader)} got seq {delivery.Seq} where {expected} was next (joined after {session.After})");
                }

                expected = delivery.Seq + 1;
                if (At(room, delivery.Seq) != delivery)
                {
                    Add(Fault.NotStored, $"{Who(room, reader)} got {delivery}, stored is {At(room, delivery.Seq)}");
                }
            }
        }
    }

    /// <summary>Live messages and those that were caught up with are the history, one session after the other.</summary>
    private void CheckShown(RoomRecord room, ReaderRecord reader, bool complete)
    {
        var shown = reader.Sessions.SelectMany(session => session.Shown()).ToList();
        var missing = complete ? room.History.Count - shown.Count : 0;
        if (missing > 0)
        {
            Add(Fault.Gap, $"{Who(room, reader)} has not seen the last {missing} messages, or some before");
        }

        for (var i = 0; i < shown.Count; i++)
        {
            if (i >= room.History.Count || shown[i] != room.History[i])
            {
                Add(Fault.NotStored, $"{Who(room, reader)} shows {shown[i]} in place {i + 1}");
                return;
            }
        }
    }

    private void Add(Fault fault, string example)
    {
        _counts[fault] = this[fault] + 1;
        if (_examples.Count < MaxExamples)
        {
            _examples.Add($"{fault}: {example}");
        }
    }

    private static string Who(RoomRecord room, ReaderRecord reader) => $"{room.Name}: client {reader.Client}";

    private static Delivery? At(RoomRecord room, long seq) =>
        seq >= 1 && seq <= room.History.Count ? room.History[(int)seq - 1] : null;
}
