namespace Chasqui.Server.Delivery;

/// <summary>The names of the groups.</summary>
internal static class GroupNames
{
    /// <summary>Every connection that is opted into the additive events.</summary>
    public const string OptedIn = "opted-in";

    /// <summary>The connections that joined a conversation.</summary>
    public static string Conversation(ConversationId id) => $"c:{id.Value:N}";

    /// <summary>Whether a group is that of a conversation.</summary>
    public static bool IsConversation(string name) => name.StartsWith("c:", StringComparison.Ordinal);

    /// <summary>A user's connections that are opted in.</summary>
    public static string User(UserId id) => $"u:{id.Value:N}";
}
