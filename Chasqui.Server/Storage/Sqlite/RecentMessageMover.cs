namespace Chasqui.Server.Storage.Sqlite;

/// <summary>
/// Moves messages from <c>recent_messages</c> to <c>settled_messages</c>. It cycles through the conversations in the order of
/// their ids and moves a limited range at a time: it finds several messages of each conversation, and no commit waits long for a
/// move.
/// </summary>
internal sealed class RecentMessageMover(WriteQueue writes)
{
    /// <summary>Messages that stay recent. With more of them, more messages of one conversation move together.</summary>
    private const int Kept = 8_000;

    private const int MessagesBetweenMoves = 500;

    /// <summary>More than arrive between two moves: it catches up after moves that a full queue has refused.</summary>
    private const int MaxMoved = 2 * MessagesBetweenMoves;

    /// <summary>The content of one move, and one message more. All commits wait for a move.</summary>
    private const long MaxBytes = 1024 * 1024;

    private const string CountSql = "SELECT count(*) FROM recent_messages";

    /// <summary>The last message of the next move.</summary>
    private const string LastSql = """
        SELECT conversation_id, seq FROM (
            SELECT conversation_id, seq, row_number() OVER places AS place, sum(bytes) OVER places AS bytes_so_far
            FROM (
                SELECT conversation_id, seq, octet_length(content) AS bytes FROM recent_messages
                WHERE (conversation_id, seq) > (@conversation, @seq) ORDER BY conversation_id, seq LIMIT @between + 1)
            WINDOW places AS (ORDER BY conversation_id, seq ROWS UNBOUNDED PRECEDING))
        WHERE place > @between OR bytes_so_far > @maxBytes ORDER BY place LIMIT 1
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

    private static readonly Position Start = new([], 0);
    private static readonly Position End = new([.. Enumerable.Repeat(byte.MaxValue, 17)], 0);
    private static readonly string[] LastParameters = ["@conversation", "@seq", "@between", "@maxBytes"];
    private static readonly string[] RangeParameters = ["@conversation", "@seq", "@lastConversation", "@lastSeq"];

    private Position _moved = Start;
    private int _stored;

    /// <summary>Called by the writer thread for each committed message.</summary>
    public void OnStored()
    {
        if (++_stored == MessagesBetweenMoves)
        {
            _stored = 0;
            _ = MoveAsync();
        }
    }

    private async Task MoveAsync()
    {
        try
        {
            await writes.RunAsync(Move, moved => _moved = moved);
        }
        catch (WriteRefusedException)
        {
            // The next move takes these messages too.
        }
    }

    private Position Move(WriteSession session)
    {
        var surplus = (long)session.Command(CountSql, []).ExecuteScalar()! - Kept;
        if (surplus <= 0)
        {
            return _moved;
        }

        var found = FindLast(session, Math.Min(surplus, MaxMoved) - 1);
        var last = found ?? End;
        foreach (var sql in (string[])[CopySql, DeleteSql])
        {
            session.Command(sql, RangeParameters, _moved.Conversation, _moved.Seq, last.Conversation, last.Seq).ExecuteNonQuery();
        }

        return found ?? Start;
    }

    /// <returns><see langword="null"/> when fewer messages are left in this cycle.</returns>
    private Position? FindLast(WriteSession session, long between)
    {
        var command = session.Command(LastSql, LastParameters, _moved.Conversation, _moved.Seq, between, MaxBytes);
        using var reader = command.ExecuteReader();
        return reader.Read() ? new Position((byte[])reader.GetValue(0), reader.GetInt64(1)) : null;
    }

    private sealed record Position(byte[] Conversation, long Seq);
}
