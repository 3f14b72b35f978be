namespace Chasqui.Protocol;

/// <summary>The values of <see cref="Conversation.ConversationType"/>.</summary>
public static class ConversationTypes
{
    /// <summary>Exactly two people; two people have one such conversation.</summary>
    public const string Direct = "direct";

    /// <summary>One or more people, with a name.</summary>
    public const string Group = "group";
}

/// <summary>The values of <see cref="Member.Role"/>.</summary>
public static class MemberRoles
{
    /// <summary>Opened the group, and may remove others from it.</summary>
    public const string Owner = "owner";

    /// <summary>Any other member.</summary>
    public const string Member = "member";
}
