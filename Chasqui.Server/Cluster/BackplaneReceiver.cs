using Chasqui.Server.Configuration;
using Chasqui.Server.Delivery;

namespace Chasqui.Server.Cluster;

/// <summary>Hands the news of other servers to the sequencers.</summary>
internal sealed class BackplaneReceiver(
    ServerInstance server, ConversationSequencers sequencers, ResyncRequests requests, Peers peers, TimeProvider clock,
    ILogger<BackplaneReceiver> logger)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private long? _loggedAt;

    /// <summary>Called with one message at a time, in the order of the channel.</summary>
    public void Receive(byte[] encoded)
    {
        var sender = BackplaneMessage.ServerOf(encoded);
        if (sender == server.Id)
        {
            peers.OnEcho();
            return;
        }

        try
        {
            var message = BackplaneMessage.Decode(encoded);
            OutputBatch.Run(() => Deliver(message));
            peers.OnReceived(message);
        }
#pragma warning disable CA1031 // Any payload can be on the channel. The database holds what it should have said.
        catch (Exception e)
#pragma warning restore CA1031
        {
            requests.Add(ResyncScope.All);
            if (_loggedAt is not { } at || clock.GetElapsedTime(at) > LogInterval)
            {
                _loggedAt = clock.GetTimestamp();
                BackplaneLog.Unreadable(logger, sender, e.Message);
            }
        }
    }

    private void Deliver(BackplaneMessage message)
    {
        foreach (var committed in message.Messages)
        {
            sequencers.Find(committed.Message.ConversationId)?.OnCommitted(committed);
        }

        foreach (var (conversation, position) in message.Positions)
        {
            sequencers.Find(conversation)?.OnPosition(position);
        }

        if (message.MembersChanged)
        {
            requests.Add(ResyncScope.Members);
        }
    }
}
