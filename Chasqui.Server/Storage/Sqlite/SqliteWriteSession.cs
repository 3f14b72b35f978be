using Microsoft.Data.Sqlite;

namespace Chasqui.Server.Storage.Sqlite;

/// <summary>The one connection that writes the file.</summary>
internal sealed class SqliteWriteSession : WriteSession
{
    private readonly Dictionary<string, SqliteStatement> _statements = new(ReferenceEqualityComparer.Instance);
    private readonly ConversationHeads _heads;
    private readonly WalCheckpointer? _checkpointer;

    /// <param name="database">The file.</param>
    /// <param name="heads">What the writer knows of conversations.</param>
    /// <param name="attachToRunningServer">See <see cref="IDatabase.Open"/>.</param>
    public SqliteWriteSession(SqliteDatabase database, ConversationHeads heads, bool attachToRunningServer)
        : base(database.Connect(), prepares: true)
    {
        _heads = heads;
        heads.Open(this);
        _checkpointer = attachToRunningServer ? null : new WalCheckpointer(database, this);
    }

    /// <summary>Writes first what the heads know better than the file.</summary>
    public override DbConnection Connection()
    {
        _heads.Flush(this);
        return base.Connection();
    }

    /// <summary>As <see cref="Connection"/>.</summary>
    public override DbCommand Command(string sql, string[] parameters, params ReadOnlySpan<object?> values)
    {
        _heads.Flush(this);
        return base.Command(sql, parameters, values);
    }

    /// <summary>A statement of the heads themselves. It is found by reference, as <see cref="Session.Command"/>.</summary>
    public SqliteStatement Statement(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new SqliteStatement((SqliteConnection)base.Connection(), sql);
            _statements.Add(sql, statement);
        }

        return statement;
    }

    public override void Begin(IReadOnlyList<Write> batch)
    {
        // It waits for a lock of another process, which a statement of the heads would not.
        base.Command("BEGIN IMMEDIATE", []).ExecuteNonQuery();
        _heads.OnBegun(this);
    }

    public override void Commit()
    {
        _heads.Flush(this);
        _heads.Settle(this);
        _heads.OnCommitting();
        base.Command("COMMIT", []).ExecuteNonQuery();
        _heads.OnCommitted();
    }

    public override void Rollback()
    {
        _heads.OnRolledBack();
        base.Command("ROLLBACK", []).ExecuteNonQuery();
    }

    public override int TouchHealth(DateTimeOffset now) =>
        Connection().Execute("UPDATE health SET checked_at = @now WHERE id = 1", new { now });

    public override void AfterCommit(int pages) => _checkpointer?.AfterCommit(pages);

    public override void BeforeClose() => _checkpointer?.Finish();

    public override void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        base.Dispose();
    }
}
