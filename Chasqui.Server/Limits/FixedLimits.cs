namespace Chasqui.Server.Limits;

/// <summary>
/// Limits that are no settings: a client in ordinary use does not reach them, and a higher one would cost memory.
/// </summary>
internal static class FixedLimits
{
    /// <summary>
    /// Participants that the membership changes of one user may send in ten seconds: those of an event, times its recipients. One
    /// change in a group of 1,000 is a million, so that two of them can follow each other at once.
    /// </summary>
    public const int ParticipantsSentPer10s = 2_000_000;

    /// <summary>
    /// The rate at which an HTTP/1.1 response must be read: less than GPRS delivers, some 5,000 bytes a second.
    /// </summary>
    public const int MinReadBytesPerSecond = 4096;

    /// <summary>
    /// Concurrent requests of one user, sockets excluded. A response is held in memory until it is read; browsers send six
    /// requests at once to one host.
    /// </summary>
    public const int ConcurrentRequestsPerUser = 8;

    /// <summary>
    /// Requests of one user that wait for one of those. A client that asks for everything at its start is served, only not at
    /// once.
    /// </summary>
    public const int WaitingRequestsPerUser = 32;
}
