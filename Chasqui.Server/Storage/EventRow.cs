namespace Chasqui.Server.Storage;

/// <summary>A row of the events that are no messages.</summary>
/// <param name="Type">The type of the event.</param>
/// <param name="Actor">The member who caused it.</param>
/// <param name="Message">The message that it is about.</param>
/// <param name="User">The user who was added or removed.</param>
/// <param name="Content">An emoji, or the name of the group.</param>
internal sealed record EventRow(
    string Type, UserId Actor, MessageReference? Message = null, UserId? User = null, string? Content = null)
{
    /// <summary>
    /// The event as it is sent: with the present content of an edited message and the present name of a member.
    /// </summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="seq">Its place.</param>
    /// <param name="at">When it was caused.</param>
    /// <param name="content">The content of the message that it is about, and whom it mentions.</param>
    /// <param name="member">The user who was added.</param>
    public IConversationEvent ToEvent(
        ConversationId conversation, long seq, DateTimeOffset at, (string Text, IReadOnlyList<UserId>? Mentions) content,
        Member? member) =>
        Type switch
        {
            nameof(MessageEdited) => new MessageEdited
            {
                ConversationId = conversation,
                Seq = seq,
                MessageId = Message!.Id,
                Content = content.Text,
                Mentions = content.Mentions,
                EditedAt = at,
            },
            nameof(MessageDeleted) => new MessageDeleted
            {
                ConversationId = conversation,
                Seq = seq,
                MessageId = Message!.Id,
                DeletedBy = Actor,
                DeletedAt = at,
            },
            nameof(ReactionAdded) => new ReactionAdded
            {
                ConversationId = conversation,
                Seq = seq,
                MessageId = Message!.Id,
                UserId = Actor,
                Emoji = Content ?? "",
                CreatedAt = at,
            },
            nameof(ReactionRemoved) => new ReactionRemoved
            {
                ConversationId = conversation,
                Seq = seq,
                MessageId = Message!.Id,
                UserId = Actor,
                Emoji = Content ?? "",
                CreatedAt = at,
            },
            nameof(MemberAdded) => new MemberAdded
            {
                ConversationId = conversation,
                Seq = seq,
                Member = member!,
                AddedBy = Actor,
                CreatedAt = at,
            },
            nameof(MemberRemoved) => new MemberRemoved
            {
                ConversationId = conversation,
                Seq = seq,
                UserId = User!.Value,
                RemovedBy = Actor,
                CreatedAt = at,
            },
            nameof(ConversationRenamed) => new ConversationRenamed
            {
                ConversationId = conversation,
                Seq = seq,
                Name = Content ?? "",
                RenamedBy = Actor,
                CreatedAt = at,
            },
            _ => throw new InvalidOperationException($"The database holds an event of the unknown type '{Type}'."),
        };
}
