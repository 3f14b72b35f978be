using Chasqui.Server.Configuration;
using Chasqui.Server.Delivery;
using Chasqui.Server.Presence;
using Chasqui.Server.Storage;
using Chasqui.Server.Transports.SignalR;

namespace Chasqui.Server.Cluster;

/// <summary>The fan-out of a server that shares its database: to its connections in order, and to the other servers.</summary>
internal sealed class ClusterFanOut(
    LocalFanOut local, ConversationSequencers sequencers, BackplaneQueue queue, EphemeralQueue ephemeral, ServerInstance server)
    : IFanOut
{
    public IDisposable? Expect(ConversationId conversation) => sequencers.BeginJoin(conversation);

    public void Publish(IConversationEvent committed, long membershipVersion)
    {
        var position = new StreamPosition(committed.Seq, membershipVersion);
        var reached = new ReachedPosition(committed.ConversationId, position, (ServerEvent)committed);
        sequencers.Find(committed.ConversationId)?.OnEvent(reached);
        queue.Add(reached);
    }

    public void Replay(string connectionId, IConversationEvent earlier) => local.Replay(connectionId, earlier);

    // Expect was called before, so that there is a sequencer.
    public void Join(string connectionId, UserId user, ConversationId conversation, StreamPosition position) =>
        sequencers.Find(conversation)!.Join(connectionId, user, position);

    public void Leave(string connectionId, ConversationId conversation) => sequencers.Find(conversation)?.Leave(connectionId);

    public void Remove(UserId user, ConversationId conversation, long membershipVersion)
    {
        sequencers.Find(conversation)?.Remove(user, membershipVersion);
        queue.Add(new ReachedPosition(conversation, new StreamPosition(0, membershipVersion)));
    }

    public void Removed(UserId user, ConversationRemoved removed)
    {
        local.Removed(user, removed);
        queue.AddMembersChanged();
    }

    public void Created(Conversation conversation, IEnumerable<UserId> receivers)
    {
        local.Created(conversation, receivers);
        queue.AddMembersChanged();
    }

    public void Marked(ReadMarkMoved moved)
    {
        local.Marked(moved);
        ephemeral.Add(new EphemeralMessage { Server = server.Id, ReadMark = moved });
    }

    public void Updated(Conversation conversation, IEnumerable<UserId> receivers)
    {
        local.Updated(conversation, receivers);
        queue.AddMembersChanged();
    }
}
