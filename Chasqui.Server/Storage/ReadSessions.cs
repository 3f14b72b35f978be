using System.Data.Common;

namespace Chasqui.Server.Storage;

/// <summary>
/// Sessions for what every request reads: to open a connection and to prepare a statement costs several times as much as
/// what is then read with it. Whoever reads one now and then, opens a connection of its own.
/// </summary>
internal sealed class ReadSessions(DbDataSource readers, IDatabase database) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Stack<ReadSession> _idle = new(database.KeptReadSessions);
    private bool _closed;

    /// <summary>Lends a session, which is given back by disposing of it.</summary>
    public async ValueTask<ReadSession> RentAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            // The last one first: what it has read is still in its memory.
            if (_idle.TryPop(out var session))
            {
                return session;
            }
        }

        return new ReadSession(await readers.OpenConnectionAsync(cancellationToken), this);
    }

    /// <returns><see langword="false"/> when it is not needed any more.</returns>
    public bool TryKeep(ReadSession session)
    {
        lock (_gate)
        {
            if (_closed || _idle.Count == database.KeptReadSessions)
            {
                return false;
            }

            _idle.Push(session);
            return true;
        }
    }

    public void Dispose()
    {
        ReadSession[] idle;
        lock (_gate)
        {
            _closed = true;
            idle = [.. _idle];
            _idle.Clear();
        }

        Array.ForEach(idle, session => session.Dispose());
    }
}

/// <summary>A connection that only reads, lent to one reader at a time.</summary>
internal sealed class ReadSession(DbConnection connection, ReadSessions lender) : Session(connection)
{
    public override void Dispose()
    {
        if (!lender.TryKeep(this))
        {
            Close();
        }
    }
}
