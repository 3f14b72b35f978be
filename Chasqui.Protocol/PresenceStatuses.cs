namespace Chasqui.Protocol;

/// <summary>The values of <see cref="PresenceChanged.Status"/>.</summary>
public static class PresenceStatuses
{
    /// <summary>Connected, and there.</summary>
    public const string Online = "online";

    /// <summary>Connected, and away from every device.</summary>
    public const string Away = "away";

    /// <summary>Not connected.</summary>
    public const string Offline = "offline";

    /// <summary>Whether a client may set it.</summary>
    public static bool CanBeSet(string? status) => status is Online or Away;
}
