namespace Chasqui.Server.Presence;

/// <summary>In ascending order: of several, the greatest counts.</summary>
internal enum PresenceStatus
{
    Offline,
    Away,
    Online,
}

internal static class PresenceStatusNames
{
    public static string Name(this PresenceStatus status) => status switch
    {
        PresenceStatus.Online => PresenceStatuses.Online,
        PresenceStatus.Away => PresenceStatuses.Away,
        _ => PresenceStatuses.Offline,
    };
}
