namespace Chasqui.Server.Storage;

/// <summary>How the members of a conversation changed.</summary>
internal enum MembershipKind
{
    /// <summary>The conversation is new, and so is everybody in it.</summary>
    Opened,

    Added,

    Removed,
}
