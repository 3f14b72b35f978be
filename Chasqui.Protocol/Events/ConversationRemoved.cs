namespace Chasqui.Protocol;

/// <summary>The receiver is no longer a member of a conversation; sent to all their connections.</summary>
public sealed record ConversationRemoved : ServerEvent
{
    /// <summary>The conversation.</summary>
    public required ConversationId ConversationId { get; init; }

    /// <summary>One of <see cref="RemovalReasons"/>.</summary>
    public required string Reason { get; init; }
}

/// <summary>Why a user is no longer a member.</summary>
public static class RemovalReasons
{
    /// <summary>They have left.</summary>
    public const string Left = "left";

    /// <summary>The owner has removed them.</summary>
    public const string Removed = "removed";

    /// <summary>The conversation is gone.</summary>
    public const string Deleted = "deleted";
}
