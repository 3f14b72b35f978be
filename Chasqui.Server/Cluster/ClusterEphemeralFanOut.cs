using Chasqui.Server.Presence;
using Chasqui.Server.Transports.SignalR;

namespace Chasqui.Server.Cluster;

/// <summary>To this server's connections at once, and to the other servers where Redis is connected.</summary>
internal sealed class ClusterEphemeralFanOut(LocalEphemeralFanOut local, EphemeralQueue queue) : IEphemeralFanOut
{
    public int Send(Typing typing, IReadOnlyCollection<UserId> hiddenFrom) => local.Send(typing, hiddenFrom);

    public int Send(PresenceChanged changed, IEnumerable<UserId> receivers) => local.Send(changed, receivers);

    public void Publish(EphemeralMessage message) => queue.Add(message);
}
