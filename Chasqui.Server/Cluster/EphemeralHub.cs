using Chasqui.Server.Presence;

namespace Chasqui.Server.Cluster;

/// <summary>
/// A hub whose clients are the servers, one connection each. It has no address: SignalR's Redis backplane carries what one of
/// them sends to the others. A connection of a user is never in it, so that none waits for Redis or fails with it.
/// </summary>
internal sealed class EphemeralHub : Hub
{
    /// <summary>The only event; its argument is an <see cref="EphemeralMessage"/>.</summary>
    public const string Event = "Ephemeral";
}
