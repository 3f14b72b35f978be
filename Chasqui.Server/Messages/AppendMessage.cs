using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Messages;

/// <summary>What a client wants to say.</summary>
internal readonly record struct Draft(ConversationId Conversation, UserId Sender, string Content, string? ClientMessageId);

internal enum AppendStatus
{
    Stored,

    /// <summary>The <c>client_message_id</c> was stored before, with the same content.</summary>
    Duplicate,

    /// <summary>The <c>client_message_id</c> was stored before, with other content.</summary>
    Conflict,

    /// <summary>There is no such conversation, or the sender is not a member.</summary>
    NotFound,
}

internal readonly record struct Appended(AppendStatus Status, Message? Message);

/// <summary>Stores one message: membership, place and idempotency are decided inside the transaction.</summary>
internal sealed class AppendMessage(
    Draft draft, IAppendAnswer answer, RecentMessages recent, FanOut fanOut, TimeProvider clock) : Write
{
    private const string FindSql = """
        SELECT id, content, created_at, seq FROM messages
        WHERE conversation_id = @conversation AND sender_id = @sender AND client_message_id = @clientMessageId
        """;

    /// <summary>Gives no place to whoever is not a member, nor to what is stored already.</summary>
    private const string AdvanceSql = """
        UPDATE conversations SET last_seq = last_seq + 1, updated_at = @now
        WHERE id = @conversation
          AND EXISTS (SELECT 1 FROM participants WHERE conversation_id = @conversation AND user_id = @sender)
          AND NOT EXISTS (
            SELECT 1 FROM messages
            WHERE conversation_id = @conversation AND sender_id = @sender AND client_message_id = @clientMessageId)
        RETURNING last_seq
        """;

    private const string InsertSql = """
        INSERT INTO recent_messages (conversation_id, seq, id, sender_id, content, message_type, client_message_id, created_at)
        VALUES (@conversation, @seq, @id, @sender, CAST(@content AS TEXT), 'text', @clientMessageId, @now)
        """;

    private const string IsMemberSql =
        "SELECT 1 FROM participants WHERE conversation_id = @conversation AND user_id = @sender";

    private static readonly string[] FindParameters = ["@conversation", "@sender", "@clientMessageId"];
    private static readonly string[] AdvanceParameters = ["@conversation", "@sender", "@clientMessageId", "@now"];
    private static readonly string[] InsertParameters =
        ["@conversation", "@seq", "@id", "@sender", "@content", "@clientMessageId", "@now"];
    private static readonly string[] IsMemberParameters = ["@conversation", "@sender"];

    private readonly byte[] _conversation = draft.Conversation.Value.ToBytes();
    private readonly byte[] _sender = draft.Sender.Value.ToBytes();
    private Appended _result;

    public override void Execute(WriteSession session) => _result = Append(session) ?? FindFirst(session);

    public override void Committed()
    {
        answer.Appended(_result);
        if (_result.Status == AppendStatus.Stored)
        {
            fanOut.Publish(_result.Message!);
            recent.OnStored();
        }
    }

    public override void Refused(WriteRefusedException reason) => answer.Refused(reason);

    /// <returns><see langword="null"/> when it was given no place.</returns>
    private Appended? Append(WriteSession session)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        if (session.Command(AdvanceSql, AdvanceParameters, _conversation, _sender, draft.ClientMessageId, now).ExecuteScalar()
            is not long seq)
        {
            return null;
        }

        var message = ToMessage(MessageId.New(), seq, draft.Content, now);
        session.Command(
            InsertSql, InsertParameters,
            _conversation, seq, message.Id.Value.ToBytes(), _sender, draft.Content.ToBytes(), draft.ClientMessageId, now)
            .ExecuteNonQuery();
        return new Appended(AppendStatus.Stored, message);
    }

    private Appended FindFirst(WriteSession session)
    {
        using var reader = session.Command(FindSql, FindParameters, _conversation, _sender, draft.ClientMessageId).ExecuteReader();
        if (!reader.Read())
        {
            return new Appended(AppendStatus.NotFound, null);
        }

        var first = ToMessage(
            new MessageId(StorageTypes.ToUuid(reader.GetValue(0))), reader.GetInt64(3), reader.GetString(1), reader.GetInt64(2));
        reader.Close();

        // Whoever was removed learns nothing, not even about a message of their own.
        return session.Command(IsMemberSql, IsMemberParameters, _conversation, _sender).ExecuteScalar() is null
            ? new Appended(AppendStatus.NotFound, null)
            : first.Content == draft.Content
                ? new Appended(AppendStatus.Duplicate, first)
                : new Appended(AppendStatus.Conflict, null);
    }

    private Message ToMessage(MessageId id, long seq, string content, long createdAt) => new()
    {
        Id = id,
        ConversationId = draft.Conversation,
        SenderId = draft.Sender,
        Content = content,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(createdAt),
        Seq = seq,
    };
}
