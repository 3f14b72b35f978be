using System.Text.Json.Serialization;

namespace Chasqui.Protocol;

/// <summary>
/// A durable event of a conversation. Its <c>seq</c>s are dense from 1 over all kinds, in the same order for all members; a
/// client that applies the events in that order holds what the server holds.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(NewMessage), nameof(NewMessage))]
[JsonDerivedType(typeof(MessageEdited), nameof(MessageEdited))]
[JsonDerivedType(typeof(MessageDeleted), nameof(MessageDeleted))]
[JsonDerivedType(typeof(ReactionAdded), nameof(ReactionAdded))]
[JsonDerivedType(typeof(ReactionRemoved), nameof(ReactionRemoved))]
[JsonDerivedType(typeof(MemberAdded), nameof(MemberAdded))]
[JsonDerivedType(typeof(MemberRemoved), nameof(MemberRemoved))]
[JsonDerivedType(typeof(ConversationRenamed), nameof(ConversationRenamed))]
public interface IConversationEvent
{
    /// <summary>The conversation.</summary>
    ConversationId ConversationId { get; }

    /// <summary>The event's place in the conversation.</summary>
    long Seq { get; }
}
