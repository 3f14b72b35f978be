namespace Chasqui.Server.Storage.Sqlite;

/// <summary>
/// Moves messages from where they were first written down to their place in their conversation. It goes round the
/// conversations, a few at a time, so that it finds several messages in each when it passes and no commit waits long for it.
/// </summary>
internal sealed class RecentMessageMover(WriteQueue writes)
{
    /// <summary>So many stay where they are: the more, the more of one conversation move together.</summary>
    private const int Kept = 8_000;

    /// <summary>Messages between two moves.</summary>
    private const int Step = 500;

    /// <summary>In one move: more than come between two, so that it catches up with what an overloaded queue refused.</summary>
    private const int MostMoved = 2 * Step;

    private const string CountSql = "SELECT count(*) FROM recent_messages";

    /// <summary>In bytes of content, with one message more: everybody's commits wait for a move.</summary>
    private const long MostBytes = 1024 * 1024;

    /// <summary>Where to stop, with so many in between; or before that, where they are long.</summary>
    private const string UpToSql = """
        SELECT conversation_id, seq FROM (
            SELECT conversation_id, seq, row_number() OVER places AS place, sum(bytes) OVER places AS bytes_so_far
            FROM (
                SELECT conversation_id, seq, octet_length(content) AS bytes FROM recent_messages
                WHERE (conversation_id, seq) > (@conversation, @seq) ORDER BY conversation_id, seq LIMIT @between + 1)
            WINDOW places AS (ORDER BY conversation_id, seq ROWS UNBOUNDED PRECEDING))
        WHERE place > @between OR bytes_so_far > @mostBytes ORDER BY place LIMIT 1
        """;

    private const string CopySql = """
        INSERT INTO settled_messages
            (conversation_id, seq, id, sender_id, content, message_type, client_message_id, created_at)
        SELECT conversation_id, seq, id, sender_id, content, message_type, client_message_id, created_at FROM recent_messages
        WHERE (conversation_id, seq) > (@conversation, @seq) AND (conversation_id, seq) <= (@lastConversation, @lastSeq)
        ORDER BY conversation_id, seq
        """;

    private const string DeleteSql = """
        DELETE FROM recent_messages
        WHERE (conversation_id, seq) > (@conversation, @seq) AND (conversation_id, seq) <= (@lastConversation, @lastSeq)
        """;

    private static readonly Place Start = new([], 0);
    private static readonly Place End = new([.. Enumerable.Repeat(byte.MaxValue, 17)], 0);
    private static readonly string[] UpToParameters = ["@conversation", "@seq", "@between", "@mostBytes"];
    private static readonly string[] RangeParameters = ["@conversation", "@seq", "@lastConversation", "@lastSeq"];

    private Place _passed = Start;
    private int _stored;

    /// <summary>Called by the writer for each message that it has committed.</summary>
    public void OnStored()
    {
        if (++_stored == Step)
        {
            _stored = 0;
            _ = SettleAsync();
        }
    }

    private async Task SettleAsync()
    {
        try
        {
            await writes.RunAsync(Settle, passed => _passed = passed);
        }
        catch (WriteRefusedException)
        {
            // They stay where they are until the next time.
        }
    }

    /// <returns>Where to go on the next time.</returns>
    private Place Settle(WriteSession session)
    {
        var surplus = (long)session.Command(CountSql, []).ExecuteScalar()! - Kept;
        if (surplus <= 0)
        {
            return _passed;
        }

        var last = UpTo(session, Math.Min(surplus, MostMoved) - 1);
        var upTo = last ?? End;
        foreach (var sql in (string[])[CopySql, DeleteSql])
        {
            session.Command(sql, RangeParameters, _passed.Conversation, _passed.Seq, upTo.Conversation, upTo.Seq).ExecuteNonQuery();
        }

        return last ?? Start;
    }

    /// <returns><see langword="null"/> when fewer are left before it has gone round.</returns>
    private Place? UpTo(WriteSession session, long between)
    {
        using var reader = session.Command(UpToSql, UpToParameters, _passed.Conversation, _passed.Seq, between, MostBytes).ExecuteReader();
        return reader.Read() ? new Place((byte[])reader.GetValue(0), reader.GetInt64(1)) : null;
    }

    /// <summary>A message, in the order of the conversations.</summary>
    private sealed record Place(byte[] Conversation, long Seq);
}
