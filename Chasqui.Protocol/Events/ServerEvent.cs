using System.Text.Json.Serialization;

namespace Chasqui.Protocol;

/// <summary>What the server sends. Without its <c>type</c>, an event is the argument of the hub event of the same name.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(NewMessage), nameof(NewMessage))]
[JsonDerivedType(typeof(Error), nameof(Error))]
[JsonDerivedType(typeof(Ack), nameof(Ack))]
[JsonDerivedType(typeof(Welcome), nameof(Welcome))]
[JsonDerivedType(typeof(Pong), nameof(Pong))]
[JsonDerivedType(typeof(ConversationCreated), nameof(ConversationCreated))]
[JsonDerivedType(typeof(ConversationUpdated), nameof(ConversationUpdated))]
[JsonDerivedType(typeof(MessageEdited), nameof(MessageEdited))]
[JsonDerivedType(typeof(MessageDeleted), nameof(MessageDeleted))]
[JsonDerivedType(typeof(ReactionAdded), nameof(ReactionAdded))]
[JsonDerivedType(typeof(ReactionRemoved), nameof(ReactionRemoved))]
[JsonDerivedType(typeof(MemberAdded), nameof(MemberAdded))]
[JsonDerivedType(typeof(MemberRemoved), nameof(MemberRemoved))]
[JsonDerivedType(typeof(ConversationRenamed), nameof(ConversationRenamed))]
[JsonDerivedType(typeof(ConversationRemoved), nameof(ConversationRemoved))]
[JsonDerivedType(typeof(ReadMarkMoved), nameof(ReadMarkMoved))]
[JsonDerivedType(typeof(Typing), nameof(Typing))]
[JsonDerivedType(typeof(PresenceChanged), nameof(PresenceChanged))]
[JsonDerivedType(typeof(Closing), nameof(Closing))]
public abstract record ServerEvent;
