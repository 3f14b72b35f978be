using System.Data;
using System.Data.Common;
using Chasqui.Protocol;
using Chasqui.Server.Hosting;
using Dapper;
using Npgsql;

namespace Chasqui.Server.Storage.Postgres;

/// <summary>
/// A connection that writes. Statements whose results can wait are collected, and go to the database together with the
/// transaction's beginning and its commit: a whole batch of messages is one round trip.
/// </summary>
internal sealed class PostgresWriteSession(NpgsqlConnection connection, ServerInstance server) : WriteSession(connection)
{
    // Against deadlocks, every server locks what a batch will touch at once and in one order. And what is read afterwards is
    // as whoever had the lock before has left it: membership and earlier messages are looked up under it.
    private const string LockSql = "SELECT 1 FROM conversations WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";

    /// <summary>How long a change is kept for servers to read; they read every second.</summary>
    private static readonly TimeSpan ChangesKept = TimeSpan.FromHours(1);

    private readonly List<Queued> _queued = [];
    private byte[][] _conversations = [];
    private bool _begun;

    public override bool IsBroken => connection.State != ConnectionState.Open;

    /// <summary>What was collected is carried out before anything else is.</summary>
    public override DbConnection Connection
    {
        get
        {
            Run(commit: false);
            return connection;
        }
    }

    public override DbCommand Command(string sql, string[] parameters, params ReadOnlySpan<object?> values)
    {
        Run(commit: false);
        return base.Command(sql, parameters, values);
    }

    /// <summary>Collects a statement.</summary>
    /// <param name="command">It answers with rows, or with none.</param>
    /// <param name="read">Reads what it answers, before the commit is reported.</param>
    public void Queue(NpgsqlBatchCommand command, Action<DbDataReader> read) => _queued.Add(new Queued(command, read));

    public override void Begin(IReadOnlyList<Write> batch)
    {
        _begun = false;
        _queued.Clear();
        _conversations = [.. batch.Select(write => write.Conversation).OfType<ConversationId>().Distinct().Select(id => id.Value.ToBytes())];
    }

    public override void Commit()
    {
        if (_begun || _queued.Count > 0)
        {
            Run(commit: true);
        }
    }

    public override void Rollback()
    {
        _queued.Clear();
        if (_begun && !IsBroken)
        {
            using var command = new NpgsqlCommand("ROLLBACK", connection);
            command.ExecuteNonQuery();
        }
    }

    public override void OrderByCommit(string table)
    {
        using var command = Connection.CreateCommand();
        command.CommandText = $"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE";
        command.ExecuteNonQuery();
    }

    public override void OnMembershipChange(ConversationId conversation, MembershipKind kind, UserId? user, DateTimeOffset now)
    {
        OrderByCommit("membership_changes");
        Connection.Execute(
            """
            INSERT INTO membership_changes (conversation_id, kind, user_id, server, changed_at)
            VALUES (@conversation, @kind, @user, @Id, @now);
            DELETE FROM membership_changes WHERE changed_at < @old;
            """,
            new { conversation, kind = kind.ToString().ToLowerInvariant(), user = user?.Value.ToBytes(), server.Id, now, old = now - ChangesKept });
    }

    private void Run(bool commit)
    {
        if (_begun && _queued.Count == 0 && !commit)
        {
            return;
        }

        using var batch = new NpgsqlBatch(connection);
        var locks = !_begun && _conversations.Length > 0;
        if (!_begun)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
            _begun = true;
        }

        if (locks)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(LockSql) { Parameters = { new() { Value = _conversations } } });
        }

        foreach (var queued in _queued)
        {
            batch.BatchCommands.Add(queued.Command);
        }

        if (commit)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        }

        using (var results = batch.ExecuteReader())
        {
            if (locks)
            {
                results.NextResult();
            }

            foreach (var queued in _queued)
            {
                queued.Read(results);
                results.NextResult();
            }
            // To the end, where a failure would be told.
            while (results.NextResult())
            {
            }
        }

        _queued.Clear();
        if (commit)
        {
            _begun = false;
        }
    }

    private readonly record struct Queued(NpgsqlBatchCommand Command, Action<DbDataReader> Read);
}
