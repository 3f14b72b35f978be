using System.Text.Json.Serialization;

namespace Chasqui.Server.Conversations;

/// <summary>A conversation to open. The caller is always a member.</summary>
/// <param name="ConversationType"><c>direct</c> or <c>group</c>, in any case.</param>
/// <param name="ParticipantIds">User ids, bare uuids, usernames or e-mail addresses.</param>
/// <param name="Name">A group's name, at most 200 characters; without one, <c>New Group</c>.</param>
internal sealed record NewConversation(string? ConversationType, string?[]? ParticipantIds, string? Name = null)
{
    private const string DefaultName = "New Group";
    private const int MaxNameCharacters = 200;
    private const int MaxIdentifiers = 1_000;

    [JsonIgnore]
    public bool IsGroup => ConversationTypes.Group.Equals(ConversationType, StringComparison.OrdinalIgnoreCase);

    [JsonIgnore]
    public string GroupName => string.IsNullOrWhiteSpace(Name) ? DefaultName : Name;

    private bool IsDirect => ConversationTypes.Direct.Equals(ConversationType, StringComparison.OrdinalIgnoreCase);

    public string? Problem() =>
        ConversationType is null ? "The field 'conversation_type' is missing"
        : !IsGroup && !IsDirect ? "The field 'conversation_type' must be 'direct' or 'group'"
        : ParticipantIds is null && IsDirect ? "The field 'participant_ids' is missing"
        : ParticipantIds is { Length: > MaxIdentifiers } ? $"The field 'participant_ids' must have at most {MaxIdentifiers} entries"
        : ParticipantIds?.Any(string.IsNullOrWhiteSpace) == true ? "The field 'participant_ids' must hold no blank entry"
        : Name?.EnumerateRunes().Count() > MaxNameCharacters ? $"The field 'name' must have at most {MaxNameCharacters} characters"
        : null;
}

/// <summary>A user to add.</summary>
/// <param name="Identifier">A user id, a bare uuid, a username or an e-mail address.</param>
internal sealed record NewParticipant(string? Identifier);
