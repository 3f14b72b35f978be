namespace Chasqui.Server.Presence;

/// <summary>What one server tells the others. It may be lost, and is never sent again.</summary>
internal sealed record EphemeralMessage
{
    public required Guid Server { get; init; }

    public TypingChange? Typing { get; init; }

    public PresenceMessage? Presence { get; init; }

    public ReadMarkMoved? ReadMark { get; init; }
}

/// <param name="Event">What the connections get.</param>
/// <param name="HiddenFrom">The members whom the user has blocked.</param>
internal sealed record TypingChange(Typing Event, IReadOnlyCollection<UserId> HiddenFrom);

/// <summary>What a server says about its users: changes, everything, or nothing new (a heartbeat).</summary>
internal sealed record PresenceMessage
{
    /// <summary>One more than in the server's message before it; the same in a heartbeat. Any other number means a gap.</summary>
    public required long Number { get; init; }

    /// <summary>Whether it names all users of the server.</summary>
    public bool IsSnapshot { get; init; }

    /// <summary>Whether the sender asks all others for snapshots.</summary>
    public bool AsksForSnapshots { get; init; }

    /// <summary>Whether the server stops.</summary>
    public bool IsLast { get; init; }

    public IReadOnlyList<UserId> Online { get; init; } = [];

    public IReadOnlyList<UserId> Away { get; init; } = [];

    public IReadOnlyList<DepartedUser> Offline { get; init; } = [];
}

internal sealed record DepartedUser(UserId User, DateTimeOffset LastSeenAt);
