namespace Chasqui.Server.Limits;

/// <summary>
/// Limits that are no settings: a client in ordinary use does not reach them, and a higher one would cost memory.
/// </summary>
internal static class FixedLimits
{
    /// <summary>The period of the rates.</summary>
    public static readonly TimeSpan TenSeconds = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Work that the requests of one user may cause in ten seconds. A unit is a row that is read and written as JSON, about 10 µs of
    /// a processor: all of it is 4% of one.
    /// </summary>
    public const int WorkPer10s = 40_000;

    /// <summary>Units of work of a join, about 50 µs, besides one for each message that it replays.</summary>
    public const int WorkPerJoin = 5;

    /// <summary>Units of work of a read mark: what a join looks up, and a row of a commit.</summary>
    public const int WorkPerReadMark = 5;

    /// <summary>Connections that get an event that is not stored, for a unit of work.</summary>
    public const int ReceiversPerWork = 2;

    /// <summary>Units of work to look a user up by an identifier, about 30 µs.</summary>
    public const int WorkPerIdentifier = 3;

    /// <summary>Characters of a message that cost a unit of work more.</summary>
    public const int CharactersPerWork = 2_000;

    /// <summary>Conversations of a user that are sorted for a unit of work.</summary>
    public const int SortedPerWork = 5;

    /// <summary>Bytes of a body that cost a unit of work: some ten of the shortest fields.</summary>
    public const int BytesPerWork = 100;

    /// <summary>What a short row takes in the database with its indexes, in bytes.</summary>
    public const int StoredBytesPerRow = 150;

    /// <summary>Frames that all connections of a user may send together, in multiples of what one may.</summary>
    public const int FramesOfUser = 3;

    /// <summary>A frame counts once for each started 8 KiB: a long one may have a thousand fields.</summary>
    public const int BytesPerFrame = 8 * 1024;

    /// <summary>
    /// Participants that the membership changes of one user may send in ten seconds: those of an event, times its recipients. One
    /// change in a group of 1,000 is 100,000, so that twenty of them can follow each other at once.
    /// </summary>
    public const int ParticipantsSentPer10s = 2_000_000;

    /// <summary>
    /// The rate at which an HTTP/1.1 response must be read: less than GPRS delivers, some 5,000 bytes a second.
    /// </summary>
    public const int MinReadBytesPerSecond = 4096;

    /// <summary>What a client may send on one HTTP/2 stream before it is read; the smallest that HTTP/2 knows.</summary>
    public const int Http2StreamWindowBytes = 64 * 1024 - 1;

    /// <summary>Requests in flight on one HTTP/2 connection: some times what a user may have.</summary>
    public const int Http2StreamsPerConnection = 32;

    /// <summary>
    /// Concurrent requests of one user, sockets excluded. A response is held in memory until it is read; browsers send six
    /// requests at once to one host.
    /// </summary>
    public const int ConcurrentRequestsPerUser = 8;

    /// <summary>
    /// The same of one address, which may be that of a proxy or of an office. With the longest bodies they hold 80 MiB.
    /// </summary>
    public const int ConcurrentRequestsPerAddress = 256;

    /// <summary>The same while memory is short: what a page asks for at once.</summary>
    public const int RequestsPerAddressInShortage = 8;

    /// <summary>TCP connections of one address from which no more are accepted while memory is short.</summary>
    public const int ConnectionsPerAddressInShortage = 32;

    /// <summary>
    /// The body of a registration, a login or a new password. The longest names and passwords fit, with every character as an escape.
    /// </summary>
    public const int AnonymousBodyBytes = 8 * 1024;

    /// <summary>
    /// Requests of one user that wait for one of those. A client that asks for everything at its start is served, only not at
    /// once.
    /// </summary>
    public const int WaitingRequestsPerUser = 32;
}
