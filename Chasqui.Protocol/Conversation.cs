namespace Chasqui.Protocol;

/// <summary>A conversation as one of its members sees it.</summary>
public sealed record Conversation
{
    /// <summary>The conversation's id.</summary>
    public required ConversationId Id { get; init; }

    /// <summary><c>direct</c> (exactly two people) or <c>group</c>.</summary>
    public required string ConversationType { get; init; }

    /// <summary>A group's name; absent for direct conversations.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// The ids of at most <see cref="ChatLimits.MaxShownMembers"/> members: the receiver of an answer, the owner, then the others
    /// in the order in which they joined. An event goes to many users: the owner comes first there.
    /// </summary>
    public required IReadOnlyList<UserId> Participants { get; init; }

    /// <summary>The members with names and roles, in the same order.</summary>
    public required IReadOnlyList<Member> Members { get; init; }

    /// <summary>How many members there are. <c>GET /conversations/{id}/members</c> lists all.</summary>
    public required int MemberCount { get; init; }

    /// <summary>When it was opened: UTC, whole milliseconds.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The last activity, a message, a change of membership or a new name: UTC, whole milliseconds.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The <c>seq</c> of the newest message; 0 while there is none.</summary>
    public required long LastSeq { get; init; }
}

/// <summary>One member of a conversation.</summary>
/// <param name="Id">The user.</param>
/// <param name="Username">The user's name.</param>
/// <param name="Role"><c>owner</c> for the user who opened a group, <c>member</c> for the others.</param>
/// <param name="DisplayName">What to show instead of the username, 1 to 64 characters; absent if it is the username.</param>
public sealed record Member(UserId Id, string Username, string Role, string? DisplayName = null)
{
    /// <summary>
    /// Whether the account was deleted; absent otherwise. It stays in its direct conversations, with
    /// <see cref="DeletedUsername"/> for a name.
    /// </summary>
    public bool? Deleted { get; init; }

    /// <summary>The name of every deleted account. No user has it: a username has letters only.</summary>
    public const string DeletedUsername = "Deleted account";
}
