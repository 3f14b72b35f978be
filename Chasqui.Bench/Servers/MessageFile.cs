using Dapper;
using Microsoft.Data.Sqlite;

namespace Chasqui.Bench.Servers;

/// <summary>
/// Fills a conversation of a server that is stopped: sending a million messages would take longer than measuring.
/// </summary>
internal static class MessageFile
{
    /// <summary>The newest of them, which a server keeps apart; see <c>ConversationHeads</c>.</summary>
    private const int Recent = 8_000;

    public static async Task FillAsync(string dataFolder, string conversation, int count)
    {
        await using var database = new SqliteConnection($"Data Source={Path.Combine(dataFolder, "chasqui.db")}");
        var id = Guid.Parse(conversation["conv:".Length..]).ToByteArray(bigEndian: true);
        // Ids that sort by time, as the server's own do.
        foreach (var (table, from, to) in new[] { ("settled_messages", 1, count - Recent), ("recent_messages", count - Recent + 1, count) })
        {
            await database.ExecuteAsync($"""
                WITH RECURSIVE numbers(seq) AS (SELECT @from UNION ALL SELECT seq + 1 FROM numbers WHERE seq < @to)
                INSERT INTO {table} (conversation_id, seq, number, id, sender_id, content, client_message_id, created_at)
                SELECT @id, seq, seq, unhex(printf('0199000000007%03x8%015x', seq & 4095, seq)), (SELECT id FROM users LIMIT 1),
                       printf('%0100d', seq), printf('%d', seq), 1750000000000 + seq
                FROM numbers
                """, new { from, to, id });
        }

        await database.ExecuteAsync(
            "UPDATE conversations SET last_seq = @count, message_count = @count WHERE id = @id", new { count, id });
    }
}
