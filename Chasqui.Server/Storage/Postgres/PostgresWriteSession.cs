using System.Data;
using System.Data.Common;
using Chasqui.Protocol;
using Chasqui.Server.Configuration;
using Dapper;
using Npgsql;

namespace Chasqui.Server.Storage.Postgres;

/// <summary>
/// A connection that writes. Statements whose results can wait are collected, and go to the database together with the
/// transaction's beginning and its commit: a whole batch of messages is one round trip.
/// </summary>
internal sealed class PostgresWriteSession(NpgsqlConnection connection, ServerInstance server) : WriteSession(connection)
{
    /// <summary>Any number that no other program takes for its own lock on the same database: "chasquio" in ASCII.</summary>
    private const long OrderLock = 0x636861737175696F;

    // Against deadlocks, every server locks what a batch will touch at once and in one order: this one first, and then the
    // conversations by their ids. And what is read afterwards is as whoever had the lock before has left it: membership and
    // earlier messages are looked up under it.
    private const string OrderSql = "SELECT pg_advisory_xact_lock($1)";
    private const string LockSql = "SELECT 1 FROM conversations WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";

    private const string LockAllSql = """
        SELECT 1 FROM conversations
        WHERE id IN (
            SELECT conversation_id FROM participants WHERE user_id = @user
            UNION SELECT id FROM conversations WHERE opened_by = @user)
        ORDER BY id FOR NO KEY UPDATE
        """;

    /// <summary>How long a change is kept for servers to read; they read every two seconds.</summary>
    private static readonly TimeSpan ChangesKept = TimeSpan.FromHours(1);

    private byte[][] _conversations = [];
    private bool _ordered;
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

    /// <summary>What was collected last, as long as nothing else has been asked for.</summary>
    public IBatchedStatement? Collected { get; private set; }

    /// <summary>Begins to collect; what was collected until now is carried out.</summary>
    public void Collect(IBatchedStatement collected)
    {
        if (Collected is not null)
        {
            Run(commit: false);
        }

        Collected = collected;
    }

    public override void Begin(IReadOnlyList<Write> batch)
    {
        _begun = false;
        Collected = null;
        _ordered = batch.Any(write => write.IsOrdered);
        _conversations = [.. batch.Select(write => write.Conversation).OfType<ConversationId>().Distinct().Select(id => id.Value.ToBytes())];
    }

    public override void Commit()
    {
        if (_begun || Collected is not null)
        {
            Run(commit: true);
        }
    }

    /// <summary>
    /// Its end is a rollback, too, and the one that always works: nothing stays of half a batch, nor of what the database was
    /// like when it was connected to, such as that it took no writes then.
    /// </summary>
    public override void Rollback() => connection.Close();

    public override void RequireOrder()
    {
        if (!_ordered)
        {
            throw new InvalidOperationException("The write adds rows to an ordered table, and was not queued as one that does.");
        }
    }

    public override void LockConversationsOf(UserId user) => Connection.Execute(LockAllSql, new { user });

    public override void OnMembershipChange(ConversationId conversation, MembershipKind kind, UserId? user, DateTimeOffset now)
    {
        RequireOrder();
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
        if (Collected is null && !commit && _begun)
        {
            return;
        }

        using var batch = new NpgsqlBatch(connection);
        var locks = _begun ? [] : Locks().ToList();
        if (!_begun)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN ISOLATION LEVEL READ COMMITTED"));
            locks.ForEach(batch.BatchCommands.Add);
            _begun = true;
        }

        if (Collected is { } collected)
        {
            batch.BatchCommands.Add(collected.ToCommand());
        }

        if (commit)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        }

        using (var results = batch.ExecuteReader())
        {
            for (var i = 0; i < locks.Count; i++)
            {
                results.NextResult();
            }

            Collected?.Read(results);
            // To the end, where a failure would be told.
            while (results.NextResult())
            {
            }
        }

        Collected = null;
        if (commit)
        {
            _begun = false;
        }
    }

    private IEnumerable<NpgsqlBatchCommand> Locks()
    {
        if (_ordered)
        {
            yield return new NpgsqlBatchCommand(OrderSql) { Parameters = { new() { Value = OrderLock } } };
        }

        if (_conversations.Length > 0)
        {
            yield return new NpgsqlBatchCommand(LockSql) { Parameters = { new() { Value = _conversations } } };
        }
    }
}
