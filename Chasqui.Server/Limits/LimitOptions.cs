using Chasqui.Protocol;
using Chasqui.Server.Configuration;

namespace Chasqui.Server.Limits;

/// <summary>How much one client, and all of them together, may ask for.</summary>
internal sealed class LimitOptions : IValidatedOptions
{
    public const int DefaultMaxConnections = 20_000;

    public static string Section => "Limits";

    /// <summary>Whether rates are limited at all; off for load tests. Sizes and numbers are limited all the same.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The body of a REST request, in bytes.</summary>
    public int MaxBodyBytes { get; set; } = 64 * 1024;

    /// <summary>A frame of a raw client, in bytes.</summary>
    public int MaxFrameBytes { get; set; } = ChatLimits.MaxFrameBytes;

    /// <summary>The pieces in which one WebSocket message may come.</summary>
    public int MaxFragmentsPerFrame { get; set; } = 1024;

    /// <summary>Connections of one user, of both doors together.</summary>
    public int MaxConnectionsPerUser { get; set; } = 100;

    /// <summary>Connections in all.</summary>
    public int MaxConnections { get; set; } = DefaultMaxConnections;

    /// <summary>TCP connections from one address, whatever they are used for; trusted proxies have no such limit.</summary>
    public int MaxConnectionsPerAddress { get; set; } = 12_500;

    /// <summary>Conversations that one connection may have joined.</summary>
    public int MaxJoinedConversations { get; set; } = 1000;

    /// <summary>Participants of a group.</summary>
    public int MaxParticipants { get; set; } = 1000;

    /// <summary>Frames that one connection may send in ten seconds; they come back evenly.</summary>
    public int FramesPer10s { get; set; } = 1000;

    /// <summary>
    /// Messages that one user may send in ten seconds, through all doors together; they come back evenly. A long one counts
    /// once for each started 4 KiB of it.
    /// </summary>
    public int MessagesPer10s { get; set; } = 500;

    /// <summary>
    /// What one user's changes of memberships may send in ten seconds: the participants that an event carries, times those
    /// whom it goes to. It comes back evenly.
    /// </summary>
    public int ParticipantsSentPer10s { get; set; } = 2_000_000;

    /// <summary>Conversations that one user has opened and that anybody is still in.</summary>
    public int MaxConversationsPerUser { get; set; } = 5000;

    /// <summary>Tasks that one user has added.</summary>
    public int MaxTasksPerUser { get; set; } = 5000;

    /// <summary>Requests that one user may make in ten seconds; they come back evenly.</summary>
    public int RequestsPer10sPerUser { get; set; } = 1000;

    /// <summary>Requests of one address (an IPv6 network of 64 bits) in ten seconds, with or without a token; they come back evenly.</summary>
    public int RequestsPer10sPerAddress { get; set; } = 5000;

    /// <summary>Requests of one user that are under way at once, sockets aside.</summary>
    public int RequestsAtOncePerUser { get; set; } = 8;

    /// <summary>How fast an answer has to be read, in bytes a second, sockets aside.</summary>
    public int MinReadBytesPerSecond { get; set; } = 4096;

    /// <summary>Accounts that one address may register in an hour; they come back evenly.</summary>
    public int RegistrationsPerHourPerAddress { get; set; } = 1000;

    /// <summary>Addresses and networks of the proxies whose word on where a request comes from is taken.</summary>
    public string[] TrustedProxies { get; set; } = [];

    /// <summary>A new allowance, or <see langword="null"/> where rates are not limited.</summary>
    public Allowance? NewAllowance(int per10s, TimeProvider clock) => Enabled ? new Allowance(per10s, clock) : null;

    public IEnumerable<string> Problems() => new[]
    {
        this.Outside(nameof(MaxBodyBytes), MaxBodyBytes, 1024, 16 * 1024 * 1024),
        this.Outside(nameof(MaxFrameBytes), MaxFrameBytes, 1024, 16 * 1024 * 1024),
        // Fewer, and a frame of ordinary length would be refused where the network cuts it into packets.
        this.Outside(nameof(MaxFragmentsPerFrame), MaxFragmentsPerFrame, 64, 1_000_000),
        this.Outside(nameof(MaxConnectionsPerUser), MaxConnectionsPerUser, 1, 1_000_000),
        this.Outside(nameof(MaxConnections), MaxConnections, 1, 1_000_000),
        this.Outside(nameof(MaxConnectionsPerAddress), MaxConnectionsPerAddress, 1, 1_000_000),
        this.Outside(nameof(MaxJoinedConversations), MaxJoinedConversations, 1, 1_000_000),
        this.Outside(nameof(MaxParticipants), MaxParticipants, 2, 1_000_000),
        this.Outside(nameof(FramesPer10s), FramesPer10s, 1, 1_000_000),
        this.Outside(nameof(MessagesPer10s), MessagesPer10s, 1, 1_000_000),
        this.Outside(nameof(ParticipantsSentPer10s), ParticipantsSentPer10s, 1_000, 100_000_000),
        this.Outside(nameof(MaxConversationsPerUser), MaxConversationsPerUser, 1, 1_000_000),
        this.Outside(nameof(MaxTasksPerUser), MaxTasksPerUser, 1, 1_000_000),
        this.Outside(nameof(RequestsAtOncePerUser), RequestsAtOncePerUser, 1, 1_000_000),
        this.Outside(nameof(MinReadBytesPerSecond), MinReadBytesPerSecond, 240, 1_000_000),
        this.Outside(nameof(RequestsPer10sPerUser), RequestsPer10sPerUser, 1, 1_000_000),
        this.Outside(nameof(RequestsPer10sPerAddress), RequestsPer10sPerAddress, 1, 1_000_000),
        this.Outside(nameof(RegistrationsPerHourPerAddress), RegistrationsPerHourPerAddress, 1, 1_000_000),
    }.OfType<string>().Concat(TrustedProxies
        .Where(proxy => ClientAddress.ParseNetwork(proxy) is null)
        .Select(proxy => $"{Section}:{nameof(TrustedProxies)} must hold addresses such as '10.0.0.7' and networks such as "
            + $"'10.0.0.0/8'; '{proxy}' is none"));
}
