namespace Chasqui.Server.Presence;

/// <summary>
/// Sends what is neither stored nor numbered. No call waits, and a connection that does not keep up is left out; only connections
/// that are opted in get anything.
/// </summary>
internal interface IEphemeralFanOut
{
    /// <summary>Sends to the connections of this server that joined the conversation.</summary>
    /// <param name="typing">The event; its user's own connections get nothing.</param>
    /// <param name="hiddenFrom">Users who get nothing either.</param>
    /// <returns>The number of connections.</returns>
    int Send(Typing typing, IReadOnlyCollection<UserId> hiddenFrom);

    /// <summary>Sends to the connections of these users on this server.</summary>
    /// <returns>The number of connections.</returns>
    int Send(PresenceChanged changed, IEnumerable<UserId> receivers);

    /// <summary>Sends to the other servers; it may be lost.</summary>
    void Publish(EphemeralMessage message);
}
