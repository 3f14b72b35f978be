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
    /// The ids of at most <see cref="ChatLimits.MaxShownMembers"/> members: the receiver of an answer, the owner, in larger
    /// groups those who wrote last, then the others in the order in which they joined. An event goes to many users: the owner
    /// comes first there.
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

    /// <summary>The <c>seq</c> of the newest event; 0 while there is none.</summary>
    public required long LastSeq { get; init; }

    /// <summary>The newest message; absent while there is none, and in events.</summary>
    public Message? LastMessage { get; init; }

    /// <summary>The newest event that the receiver of an answer has read; absent in events, which go to many users.</summary>
    public long? LastReadSeq { get; init; }

    /// <summary>The messages after it, deleted ones included; absent in events.</summary>
    public long? UnreadCount { get; init; }

    /// <summary>Those of them that mention the receiver, up to 1,000; absent in events.</summary>
    public long? UnreadMentions { get; init; }
}

/// <summary>One member of a conversation.</summary>
/// <param name="Id">The user.</param>
/// <param name="Username">The user's name.</param>
/// <param name="Role"><c>owner</c> for the user who opened a group, <c>member</c> for the others.</param>
/// <param name="DisplayName">What to show instead of the username, 1 to 64 characters; absent if it is the username.</param>
/// <param name="LastReadSeq">The newest event that the member has read; absent in <c>MemberAdded</c>, whose event it is.</param>
public sealed record Member(UserId Id, string Username, string Role, string? DisplayName = null, long? LastReadSeq = null)
{
    /// <summary>
    /// Whether the account was deleted; absent otherwise. It stays in its direct conversations, with
    /// <see cref="DeletedUsername"/> for a name.
    /// </summary>
    public bool? Deleted { get; init; }

    /// <summary>The name of every deleted account. No user has it: a username has letters only.</summary>
    public const string DeletedUsername = "Deleted account";
}
