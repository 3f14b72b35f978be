namespace Chasqui.Server.Storage;

/// <summary>
/// Read connections for what every request reads. Opening a connection and preparing a statement cost several times as much as
/// reading with it. Code that reads rarely opens its own connection.
/// </summary>
internal sealed class ReadSessions(DbDataSource readers, IDatabase database) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Stack<ReadSession> _idle = new(database.KeptReadSessions);
    private bool _closed;

    /// <summary>Rents a session. Disposing it returns it.</summary>
    public async ValueTask<ReadSession> RentAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            // The last one first: its cache has what was read last.
            if (_idle.TryPop(out var session))
            {
                return session;
            }
        }

        return new ReadSession(await readers.OpenConnectionAsync(cancellationToken), this, prepares: database.KeptReadSessions > 0);
    }

    /// <returns><see langword="false"/> when enough sessions are kept.</returns>
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

/// <summary>A connection that only reads, used by one reader at a time.</summary>
internal sealed class ReadSession(DbConnection connection, ReadSessions owner, bool prepares) : Session(connection, prepares)
{
    public override void Dispose()
    {
        if (!owner.TryKeep(this))
        {
            Close();
        }
    }
}
