using Chasqui.Protocol;

namespace Chasqui.Tests.Checker;

/// <summary>All that one client did and saw. Its client writes it; a copy may be taken at any time.</summary>
internal sealed class ClientRecord(int index, IReadOnlyList<Room> rooms)
{
    private readonly Lock _gate = new();
    private readonly List<Send> _sends = [];
    private readonly List<Send> _pending = [];
    private readonly List<Session>[] _sessions = [.. rooms.Select(_ => new List<Session>())];
    private readonly List<string> _surprises = [];

    public int Index => index;

    public IReadOnlyList<Room> Rooms => rooms;

    public int PendingCount
    {
        get
        {
            lock (_gate)
            {
                return _pending.Count;
            }
        }
    }

    /// <summary>A new message, about to be sent for the first time.</summary>
    public Send Begin()
    {
        lock (_gate)
        {
            var number = _sends.Count;
            var send = new Send(new MessageKey(index, number), number % rooms.Count) { Attempts = 1 };
            _sends.Add(send);
            _pending.Add(send);
            return send;
        }
    }

    /// <summary>What has no answer, in the order in which it was first sent; about to be sent again.</summary>
    public Send[] Retry()
    {
        lock (_gate)
        {
            foreach (var send in _pending)
            {
                send.Attempts++;
            }

            return [.. _pending];
        }
    }

    public void Acknowledged(int number, Ack ack)
    {
        lock (_gate)
        {
            if (_pending.Find(send => send.Key.Number == number) is not { } send)
            {
                _surprises.Add($"client {index} was answered twice about its message {number}");
                return;
            }

            _pending.Remove(send);
            (send.IsAcked, send.Seq, send.Id) = (true, ack.Seq!.Value, ack.MessageId!.Value.Value);
            if (ack.Duplicate == true && send.Attempts == 1)
            {
                _surprises.Add($"client {index} was told 'duplicate' of message {number}, which it had sent once");
            }
        }
    }

    public void Refused(int number)
    {
        lock (_gate)
        {
            if (_pending.Find(send => send.Key.Number == number) is { } send)
            {
                send.Overtakable = true;
            }
        }
    }

    public void Surprised(string what)
    {
        lock (_gate)
        {
            _surprises.Add(what);
        }
    }

    /// <summary>A new connection is about to join.</summary>
    /// <returns>The <c>seq</c> to go on after.</returns>
    public long BeginSession(int place)
    {
        lock (_gate)
        {
            var after = _sessions[place] is [.., var last] ? last.Cursor() : 0;
            _sessions[place].Add(new Session(after));
            return after;
        }
    }

    /// <returns>The <c>seq</c> after which it joined.</returns>
    public long Joined(int place, long seq, bool replayed)
    {
        lock (_gate)
        {
            var session = _sessions[place][^1];
            (session.JoinedAt, session.Replayed) = (seq, replayed);
            return session.After;
        }
    }

    public void CaughtUp(int place, IEnumerable<Delivery> history)
    {
        lock (_gate)
        {
            _sessions[place][^1].CaughtUp.AddRange(history);
            _sessions[place][^1].IsCaughtUp = true;
        }
    }

    public void Delivered(int place, Delivery delivery)
    {
        lock (_gate)
        {
            _sessions[place][^1].Delivered.Add(delivery);
        }
    }

    /// <summary>Whether the client has seen everything that the rooms hold.</summary>
    public bool IsCaughtUp()
    {
        lock (_gate)
        {
            return Enumerable.Range(0, rooms.Count)
                .All(place => _sessions[place] is [.., var last] && last.Cursor() >= rooms[place].Newest);
        }
    }

    public ClientCopy Copy()
    {
        lock (_gate)
        {
            return new ClientCopy(
                [.. _sends.Select(send => send.Copy())],
                [.. _sessions.Select(sessions => sessions.ConvertAll(session => session.Copy()))],
                [.. _surprises]);
        }
    }
}

/// <summary>A record as it was at one moment.</summary>
internal sealed record ClientCopy(
    IReadOnlyList<Send> Sends,
    IReadOnlyList<IReadOnlyList<Session>> Sessions,
    IReadOnlyList<string> Surprises)
{
    /// <summary>The same moment, and what was sent after it and not answered.</summary>
    public ClientCopy WithSendsOf(ClientCopy later) =>
        this with { Sends = [.. Sends, .. later.Sends.Skip(Sends.Count).Select(send => new Send(send.Key, send.Place))] };
}
