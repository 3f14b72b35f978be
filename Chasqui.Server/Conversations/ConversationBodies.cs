using System.Text.Json.Serialization;

namespace Chasqui.Server.Conversations;

/// <summary>A conversation to open. The caller is always a member.</summary>
/// <param name="ConversationType"><c>direct</c> or <c>group</c>, in any case.</param>
/// <param name="ParticipantIds">User ids, bare uuids, usernames or e-mail addresses.</param>
/// <param name="Name">A group's name: one line, at most 200 characters; without one, <c>New Group</c>.</param>
/// <param name="TargetWallet">One entry of <c>participant_ids</c>, as some frontends send it for a direct conversation.</param>
internal sealed record NewConversation(
    string? ConversationType, string?[]? ParticipantIds, string? Name = null, string? TargetWallet = null)
{
    private const string DefaultName = "New Group";

    [JsonIgnore]
    public bool IsGroup => ConversationTypes.Group.Equals(ConversationType, StringComparison.OrdinalIgnoreCase);

    [JsonIgnore]
    public string GroupName => Name is null || VisibleText.IsBlank(Name) ? DefaultName : Name;

    [JsonIgnore]
    public IReadOnlyList<string?>? Identifiers => ParticipantIds ?? (TargetWallet is null ? null : [TargetWallet]);

    private bool IsDirect => ConversationTypes.Direct.Equals(ConversationType, StringComparison.OrdinalIgnoreCase);

    public string? Problem() =>
        ConversationType is null ? "The field 'conversation_type' is missing"
        : !IsGroup && !IsDirect ? "The field 'conversation_type' must be 'direct' or 'group'"
        : Identifiers is null && IsDirect ? "The field 'participant_ids' is missing"
        : Identifiers is { } identifiers && UserIdentifiers.Problem("participant_ids", identifiers) is { } problem ? problem
        : !IsGroup ? null
        : GroupNameRules.Problem(Name);
}

/// <summary>A new name for a group.</summary>
/// <param name="Name">Not blank, one line, at most 200 characters.</param>
internal sealed record NewName(string? Name)
{
    public string? Problem() =>
        Name is null ? "The field 'name' is missing"
        : VisibleText.IsBlank(Name) ? "The field 'name' must not be blank"
        : GroupNameRules.Problem(Name);
}

internal static class GroupNameRules
{
    private const int MaxCharacters = 200;

    public static string? Problem(string? name) =>
        name?.EnumerateRunes().Count() > MaxCharacters ? $"The field 'name' must have at most {MaxCharacters} characters"
        : name is not null && !VisibleText.IsBlank(name) && !VisibleText.IsName(name)
            ? "The field 'name' must be one line, without characters that change the direction of text"
        : null;
}

/// <summary>One user to add, or many: all of them or none.</summary>
/// <param name="Identifier">A user id, a bare uuid, a username or an e-mail address.</param>
/// <param name="Identifiers">Instead of <c>identifier</c>: 1 to 1,000 of them.</param>
internal sealed record NewParticipants(string? Identifier = null, string?[]? Identifiers = null)
{
    [JsonIgnore]
    public IReadOnlyList<string?> All => Identifiers ?? [Identifier];

    public string? Problem() =>
        Identifier is null == Identifiers is null ? "Exactly one of the fields 'identifier' and 'identifiers' must be given"
        : Identifiers is [] ? "The field 'identifiers' must not be empty"
        : UserIdentifiers.Problem(Identifiers is null ? "identifier" : "identifiers", All);
}

/// <summary>Groups to leave.</summary>
/// <param name="ConversationIds">1 to 1,000 ids of groups.</param>
internal sealed record GroupsToLeave(string?[]? ConversationIds)
{
    public string? Problem() =>
        ConversationIds is null or [] ? "The field 'conversation_ids' must name 1 to 1,000 groups"
        : UserIdentifiers.Problem("conversation_ids", ConversationIds);

    /// <summary>Without what is no id: the caller is in no such group.</summary>
    public IEnumerable<ConversationId> Groups() => ConversationIds!
        .Select(text => PrefixedId.TryParse<ConversationId>(text, out var id) ? id : (ConversationId?)null)
        .OfType<ConversationId>();
}

/// <summary>User ids, bare uuids, usernames and e-mail addresses.</summary>
internal static class UserIdentifiers
{
    private const int Max = 1_000;

    public static string? Problem(string field, IReadOnlyList<string?> identifiers) =>
        identifiers.Count > Max ? $"The field '{field}' must have at most {Max} entries"
        : identifiers.Any(string.IsNullOrWhiteSpace) ? $"The field '{field}' must hold no blank entry"
        : null;
}
