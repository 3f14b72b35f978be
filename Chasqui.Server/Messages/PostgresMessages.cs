using System.Data.Common;
using Chasqui.Protocol;
using Chasqui.Server.Storage;
using Chasqui.Server.Storage.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace Chasqui.Server.Messages;

/// <summary>One statement for each message, and one round trip for as many as are committed together.</summary>
internal sealed class PostgresMessages : MessageTable
{
    // The conversation is locked by then (see Write.Conversation): nobody else changes what is looked up here.
    private const string AppendSql = """
        WITH member AS (
            SELECT FROM participants WHERE conversation_id = $1 AND user_id = $2
        ), first AS (
            SELECT id, content, created_at, seq FROM messages
            WHERE conversation_id = $1 AND sender_id = $2 AND client_message_id = $3
        ), place AS (
            UPDATE conversations SET last_seq = last_seq + 1, updated_at = $4
            WHERE id = $1 AND EXISTS (SELECT FROM member) AND NOT EXISTS (SELECT FROM first)
            RETURNING last_seq, removals
        ), stored AS (
            INSERT INTO messages
                (conversation_id, seq, id, sender_id, content, message_type, client_message_id, created_at)
            SELECT $1, last_seq, $5, $2, $6, 'text', $3, $4 FROM place
        )
        SELECT place.last_seq, place.removals, first.seq, first.id, first.content, first.created_at
        FROM (SELECT EXISTS (SELECT FROM member) AS member) sender
        LEFT JOIN place ON TRUE LEFT JOIN first ON sender.member
        """;

    public override void Append(WriteSession session, AppendMessage append)
    {
        var (draft, id) = (append.Draft, MessageId.New());
        var command = new NpgsqlBatchCommand(AppendSql)
        {
            Parameters =
            {
                new NpgsqlParameter<byte[]> { TypedValue = draft.Conversation.Value.ToBytes() },
                new NpgsqlParameter<byte[]> { TypedValue = draft.Sender.Value.ToBytes() },
                new NpgsqlParameter { Value = draft.ClientMessageId?.ToBytes() ?? (object)DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bytea },
                new NpgsqlParameter<long> { TypedValue = append.Now },
                new NpgsqlParameter<byte[]> { TypedValue = id.Value.ToBytes() },
                new NpgsqlParameter<byte[]> { TypedValue = draft.Content.ToBytes() },
            },
        };
        ((PostgresWriteSession)session).Queue(command, row => append.Decide(Read(row, append, id)));
    }

    private static Appended Read(DbDataReader row, AppendMessage append, MessageId id)
    {
        row.Read();
        return !row.IsDBNull(0) ? append.Stored(id, row.ReadNumber(0), row.ReadNumber(1))
            : !row.IsDBNull(2) ? append.Found(new MessageId(row.ReadUuid(3)), row.ReadNumber(2), row.ReadText(4), row.ReadNumber(5))
            : new Appended(AppendStatus.NotFound);
    }
}
