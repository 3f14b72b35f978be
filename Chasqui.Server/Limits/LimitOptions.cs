using Chasqui.Server.Configuration;

namespace Chasqui.Server.Limits;

/// <summary>
/// How much one client, and all clients together, may use. A rate can be used at once; it refills evenly over its period.
/// </summary>
internal sealed class LimitOptions : IOptionsSection, IValidatableObject
{
    public const int DefaultMaxConnections = 20_000;

    public static string Section => "Limits";

    /// <summary>Whether rates are limited; off for load tests. Sizes and counts are always limited.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The body of a REST request, in bytes.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxBodyBytes { get; set; } = ChatLimits.MaxFrameBytes;

    /// <summary>A frame of a raw client or a message of a SignalR client, in bytes.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxFrameBytes { get; set; } = ChatLimits.MaxFrameBytes;

    /// <summary>Connections of one user, raw and SignalR together.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnectionsPerUser { get; set; } = 100;

    /// <summary>Connections in all.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = DefaultMaxConnections;

    /// <summary>TCP connections from one address; trusted proxies are exempt.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnectionsPerAddress { get; set; } = 12_500;

    /// <summary>
    /// Memory that clients may make the server hold, in MiB; 0 for half of what the process may use (the limit of the container, or
    /// the machine's memory). Near it, what holds most is closed.
    /// </summary>
    [Range(0, 1_000_000)]
    public int ClientMemoryMiB { get; set; }

    /// <summary>Conversations that one connection may have joined.</summary>
    [Range(1, 1_000_000)]
    public int MaxJoinedConversations { get; set; } = 5000;

    /// <summary>Participants of a group.</summary>
    [Range(2, 1_000_000)]
    public int MaxParticipants { get; set; } = 1000;

    /// <summary>Frames that one connection may send in ten seconds, besides joins.</summary>
    [Range(1, 1_000_000)]
    public int FramesPer10s { get; set; } = 1000;

    /// <summary>
    /// Messages that one user may send in ten seconds, over all transports together. A long message counts once for each started
    /// 4 KiB.
    /// </summary>
    [Range(1, 1_000_000)]
    public int MessagesPer10s { get; set; } = 500;

    /// <summary>MiB of messages, groups and memberships that one user may store in a day.</summary>
    [Range(1, 1_000_000)]
    public int StoredMiBPerDay { get; set; } = 1024;

    /// <summary>Members that one user may add in an hour: to groups, and as the other member of a new direct conversation.</summary>
    [Range(1, 1_000_000)]
    public int AddedMembersPerHour { get; set; } = 2000;

    /// <summary>Conversations that one user has opened and that still have a member.</summary>
    [Range(1, 1_000_000)]
    public int MaxConversationsPerUser { get; set; } = 5000;

    /// <summary>Tasks that one user has added.</summary>
    [Range(1, 1_000_000)]
    public int MaxTasksPerUser { get; set; } = 5000;

    /// <summary>Requests that one user may make in ten seconds.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPer10sPerUser { get; set; } = 1000;

    /// <summary>Requests of one address (an IPv6 network of 64 bits) in ten seconds, with or without a token.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPer10sPerAddress { get; set; } = 5000;

    /// <summary>Accounts that one address may register in an hour.</summary>
    [Range(1, 1_000_000)]
    public int RegistrationsPerHourPerAddress { get; set; } = 1000;

    /// <summary>Addresses and networks of the reverse proxies whose <c>X-Forwarded-For</c> is believed.</summary>
    public string[] TrustedProxies { get; set; } = [];

    /// <summary>Fragments of one WebSocket message: one for each 64 bytes, and at least 1,024.</summary>
    public int MaxFragmentsPerFrame => Math.Max(1024, MaxFrameBytes / 64);

    /// <returns><see langword="null"/> where rates are not limited.</returns>
    public Allowance? NewAllowance(int per10s, TimeProvider clock) => Enabled ? new Allowance(per10s, FixedLimits.TenSeconds, clock) : null;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => TrustedProxies
        .Where(proxy => ClientAddress.ParseNetwork(proxy) is null)
        .Select(proxy => new ValidationResult(
            $"{Section}:{nameof(TrustedProxies)} must hold addresses such as '10.0.0.7' and networks such as "
            + $"'10.0.0.0/8'; '{proxy}' is none"));
}
