using System.Data;
using Chasqui.Server.Configuration;
using Npgsql;

namespace Chasqui.Server.Storage.Postgres;

/// <summary>
/// The connection that writes. Messages are collected and sent together with the transaction's begin and commit: a batch of
/// messages is one round trip.
/// </summary>
internal sealed class PostgresWriteSession(NpgsqlConnection connection, ServerInstance server)
    : WriteSession(connection, prepares: false)
{
    /// <summary>"chasquio" in ASCII: a number that no other program locks in the same database.</summary>
    private const long ExclusiveLock = 0x636861737175696F;

    // Every server takes all locks of a batch at once and in one order, which excludes deadlocks: the exclusive lock, then the
    // conversations by id. Membership and earlier messages are read under these locks.
    private const string ExclusiveSql = "SELECT pg_advisory_xact_lock($1)";
    private const string LockSql = "SELECT 1 FROM conversations WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE";

    private const string LockAllSql = """
        SELECT 1 FROM conversations
        WHERE id IN (
            SELECT conversation_id FROM participants WHERE user_id = @user
            UNION SELECT id FROM conversations WHERE opened_by = @user)
        ORDER BY id FOR NO KEY UPDATE
        """;

    /// <summary>Servers poll for changes every two seconds.</summary>
    private static readonly TimeSpan ChangesKept = TimeSpan.FromHours(1);

    private MessageBatchInsert? _messages;
    private byte[][] _conversations = [];
    private bool _exclusive;
    private bool _begun;

    public override bool IsBroken => connection.State != ConnectionState.Open;

    /// <summary>Sends the collected messages first.</summary>
    public override DbConnection Connection()
    {
        Send(commit: false);
        return connection;
    }

    public override DbCommand Command(string sql, string[] parameters, params ReadOnlySpan<object?> values)
    {
        Send(commit: false);
        return base.Command(sql, parameters, values);
    }

    /// <summary>Adds a message to the collected ones.</summary>
    public void Append(MessageWrite append)
    {
        if (_messages?.TryAdd(append) == true)
        {
            return;
        }

        if (_messages is not null)
        {
            // The client_message_id is among the collected ones: only a later statement sees the outcome of the first message.
            Send(commit: false);
        }

        _messages = new MessageBatchInsert();
        _messages.TryAdd(append);
    }

    public override void Begin(IReadOnlyList<Write> batch)
    {
        _begun = false;
        _messages = null;
        _exclusive = batch.Any(write => write.IsExclusive);
        _conversations = [.. batch.Select(write => write.Conversation).OfType<ConversationId>().Distinct().Select(id => id.Value.ToBytes())];
    }

    public override void Commit()
    {
        if (_begun || _messages is not null)
        {
            Send(commit: true);
        }
    }

    /// <summary>
    /// Closing always succeeds and rolls back. It also drops settings of the connection, such as a database that was read-only
    /// when it connected.
    /// </summary>
    public override void Rollback() => connection.Close();

    /// <summary>Skips the row while another server updates it: a server that hangs must not block the health of all.</summary>
    public override int TouchHealth(DateTimeOffset now) => Connection().Execute(
        "UPDATE health SET checked_at = @now WHERE id = (SELECT id FROM health WHERE id = 1 FOR UPDATE SKIP LOCKED)", new { now });

    public override void RequireExclusive()
    {
        if (!_exclusive)
        {
            throw new InvalidOperationException("The write appends to a table that servers poll, and was not queued as exclusive.");
        }
    }

    public override void LockConversationsOf(UserId user) => Connection().Execute(LockAllSql, new { user });

    public override void OnMembershipChange(ConversationId conversation, MembershipKind kind, UserId? user, DateTimeOffset now)
    {
        RequireExclusive();
        Connection().Execute(
            """
            INSERT INTO membership_changes (conversation_id, kind, user_id, server, changed_at)
            VALUES (@conversation, @kind, @user, @Id, @now);
            DELETE FROM membership_changes WHERE changed_at < @old;
            """,
            new { conversation, kind = kind.ToString().ToLowerInvariant(), user = user?.Value.ToBytes(), server.Id, now, old = now - ChangesKept });
    }

    private void Send(bool commit)
    {
        if (_messages is null && !commit && _begun)
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

        if (_messages is not null)
        {
            batch.BatchCommands.Add(_messages.ToCommand());
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

            _messages?.Read(results);
            // To the end: a later statement reports its error only then.
            while (results.NextResult())
            {
            }
        }

        _messages = null;
        if (commit)
        {
            _begun = false;
        }
    }

    private IEnumerable<NpgsqlBatchCommand> Locks()
    {
        if (_exclusive)
        {
            yield return new NpgsqlBatchCommand(ExclusiveSql) { Parameters = { new() { Value = ExclusiveLock } } };
        }

        if (_conversations.Length > 0)
        {
            yield return new NpgsqlBatchCommand(LockSql) { Parameters = { new() { Value = _conversations } } };
        }
    }
}
