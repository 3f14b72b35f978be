using Chasqui.Server.Delivery;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Messages;

internal enum ChangeStatus
{
    /// <summary>There is no such conversation, or the caller is not a member.</summary>
    NotFound,

    /// <summary>The message is not in the conversation, or it was deleted.</summary>
    MessageNotFound,

    /// <summary>Only the sender may, or the owner of a group.</summary>
    Forbidden,

    /// <summary>The member may not send to the direct conversation.</summary>
    Refused,

    /// <summary>The message has as many different reactions as it can have.</summary>
    TooManyReactions,

    /// <summary>The effect is there already.</summary>
    Duplicate,

    Done,
}

/// <summary>The outcome, with the event, or the error code of the refusal.</summary>
internal readonly record struct MessageChanged(ChangeStatus Status, CommittedEvent Committed = default, string? Refusal = null);

/// <summary>
/// Edits and deletes messages and reacts to them. Each change is one event of the log and one new state, in one transaction.
/// </summary>
internal sealed class MessageChanges(MessageTable table, WriteQueue writes, IFanOut fanOut, TimeProvider clock)
{
    /// <summary>Different emojis of one message.</summary>
    private const int MaxEmojis = 20;

    private static readonly string[] CallerParameters = ["@conversation", "@user"];
    private static readonly string[] ReactionParameters = ["@conversation", "@message", "@emoji", "@user"];

    /// <param name="conversation">The conversation.</param>
    /// <param name="caller">The user.</param>
    /// <param name="message">The message.</param>
    /// <param name="content">Its new content.</param>
    /// <param name="mentions">The members that the content mentions.</param>
    public Task<MessageChanged> EditAsync(
        ConversationId conversation, UserId caller, MessageId message, string content, IReadOnlyList<UserId>? mentions) =>
        ChangeAsync(conversation, caller, message, (session, target, member) =>
        {
            var before = target.Message!;
            return before.SenderId != caller ? new(ChangeStatus.Forbidden)
                : before.DeletedAt is not null ? new(ChangeStatus.MessageNotFound)
                : member.Refusal is not null ? new(ChangeStatus.Refused, Refusal: member.Refusal)
                : before.Content == content ? new(ChangeStatus.Duplicate)
                : Store(
                    session, target, Row(nameof(MessageEdited), caller, before),
                    (seq, at) => before with { Content = content, Mentions = mentions, EditedAt = at, UpdatedSeq = seq },
                    (content, mentions));
        });

    public Task<MessageChanged> DeleteAsync(ConversationId conversation, UserId caller, MessageId message) =>
        ChangeAsync(conversation, caller, message, (session, target, member) =>
        {
            var before = target.Message!;
            if (before.SenderId != caller && !member.IsOwner)
            {
                return new(ChangeStatus.Forbidden);
            }

            if (before.DeletedAt is not null)
            {
                return new(ChangeStatus.Duplicate);
            }

            session.Command(
                "DELETE FROM reactions WHERE conversation_id = @conversation AND message_seq = @message",
                ["@conversation", "@message"], conversation.Value.ToBytes(), before.Seq).ExecuteNonQuery();
            EventRows.Erase(session, conversation, before.Seq);
            return Store(session, target, Row(nameof(MessageDeleted), caller, before), (seq, at) => before with
            {
                Content = "",
                Mentions = null,
                Reactions = null,
                EditedAt = null,
                DeletedAt = at,
                UpdatedSeq = seq,
            });
        });

    public Task<MessageChanged> ReactAsync(ConversationId conversation, UserId caller, MessageId message, string emoji) =>
        ChangeAsync(conversation, caller, message, (session, target, member) =>
        {
            var before = target.Message!;
            if (before.DeletedAt is not null)
            {
                return new(ChangeStatus.MessageNotFound);
            }

            if (member.Refusal is not null)
            {
                return new(ChangeStatus.Refused, Refusal: member.Refusal);
            }

            if (before.Reactions is { Count: MaxEmojis } reactions && reactions.All(reaction => reaction.Emoji != emoji))
            {
                return new(ChangeStatus.TooManyReactions);
            }

            var isAdded = session.Command(
                """
                INSERT INTO reactions (conversation_id, message_seq, emoji, user_id, seq, first_seq)
                SELECT id, @message, CAST(@emoji AS utf8_text), @user, last_seq + 1, COALESCE((
                    SELECT MIN(first_seq) FROM reactions
                    WHERE conversation_id = @conversation AND message_seq = @message AND emoji = CAST(@emoji AS utf8_text)),
                    last_seq + 1)
                FROM conversations WHERE id = @conversation
                ON CONFLICT DO NOTHING
                """,
                ReactionParameters, conversation.Value.ToBytes(), before.Seq, emoji.ToBytes(), caller.Value.ToBytes())
                .ExecuteNonQuery();
            return isAdded == 0
                ? new(ChangeStatus.Duplicate)
                : Store(
                    session, target, Row(nameof(ReactionAdded), caller, before, emoji),
                    (seq, _) => before with { UpdatedSeq = seq });
        });

    public Task<MessageChanged> UnreactAsync(ConversationId conversation, UserId caller, MessageId message, string emoji) =>
        ChangeAsync(conversation, caller, message, (session, target, _) =>
        {
            var before = target.Message!;
            var isRemoved = session.Command(
                """
                DELETE FROM reactions WHERE conversation_id = @conversation AND message_seq = @message
                    AND emoji = CAST(@emoji AS utf8_text) AND user_id = @user
                """,
                ReactionParameters, conversation.Value.ToBytes(), before.Seq, emoji.ToBytes(), caller.Value.ToBytes())
                .ExecuteNonQuery();
            return isRemoved == 0
                ? new(ChangeStatus.Duplicate)
                : Store(
                    session, target, Row(nameof(ReactionRemoved), caller, before, emoji),
                    (seq, _) => before with { UpdatedSeq = seq });
        });

    private static EventRow Row(string type, UserId actor, Message message, string? content = null) =>
        new(type, actor, new MessageReference(message.Id, message.Seq), Content: content);

    private Task<MessageChanged> ChangeAsync(
        ConversationId conversation, UserId caller, MessageId message,
        Func<WriteSession, StoredEvent, Caller, MessageChanged> change) =>
        writes.RunAsync(
            session =>
                ReadCaller(session, conversation, caller) is not { } member ? new(ChangeStatus.NotFound)
                : table.FindMessage(session, conversation, message) is not { } target ? new(ChangeStatus.MessageNotFound)
                : change(session, target, member),
            changed =>
            {
                if (changed.Status == ChangeStatus.Done)
                {
                    fanOut.Publish(changed.Committed.Event, changed.Committed.MembershipVersion);
                }
            },
            conversation);

    private MessageChanged Store(
        WriteSession session, StoredEvent target, EventRow row, Func<long, DateTimeOffset, Message> change,
        (string, IReadOnlyList<UserId>?) content = default)
    {
        var committed = table.AppendEvent(session, target.Event.ConversationId, row, clock.GetUtcNow(), content);
        var at = committed.Event switch
        {
            MessageEdited edited => edited.EditedAt,
            MessageDeleted deleted => deleted.DeletedAt,
            _ => default,
        };
        var (before, after) = (target.Message!, change(committed.Event.Seq, at));
        ReadMarks.Mention(session, before.ConversationId, before.Seq, before.SenderId, before.Mentions, after.Mentions);
        table.Change(session, target, after);
        return new(ChangeStatus.Done, committed);
    }

    private static Caller? ReadCaller(WriteSession session, ConversationId conversation, UserId caller)
    {
        using var row = session.Command(
            """
            SELECT p.role, p.refusal FROM participants p WHERE p.conversation_id = @conversation AND p.user_id = @user
            """,
            CallerParameters, conversation.Value.ToBytes(), caller.Value.ToBytes()).ExecuteReader();
        return row.Read() ? new Caller(row.GetString(0) == MemberRoles.Owner, row.IsDBNull(1) ? null : row.GetString(1)) : null;
    }

    /// <summary>The member who asks.</summary>
    /// <param name="IsOwner">Whether the member owns the group.</param>
    /// <param name="Refusal">Why the member may not send to the direct conversation.</param>
    private sealed record Caller(bool IsOwner, string? Refusal);
}
