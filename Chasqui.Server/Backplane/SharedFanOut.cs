using Chasqui.Protocol;
using Chasqui.Server.Delivery;

namespace Chasqui.Server.Backplane;

/// <summary>What a server says that shares its database: its own connections are told in order, and the other servers hear of it.</summary>
internal sealed class SharedFanOut(FanOut local, Feeds feeds, Doubt doubt, Outbox outbox) : IFanOut
{
    public IDisposable? Expect(ConversationId conversation) => feeds.Expect(conversation);

    public void Publish(Message message, long removals)
    {
        var committed = new Committed(message, removals);
        feeds.Find(message.ConversationId)?.Heard(committed);
        outbox.Add(committed);
    }

    public void Replay(string connectionId, Message message) => local.Replay(connectionId, message);

    public void Join(string connectionId, UserId user, ConversationId conversation, Standing standing) =>
        // Whoever joins has been expected.
        feeds.Find(conversation)!.Join(connectionId, user, standing);

    public void Leave(string connectionId, ConversationId conversation) => feeds.Find(conversation)?.Leave(connectionId);

    public void Remove(UserId user, ConversationId conversation, long removals)
    {
        feeds.Find(conversation)?.Remove(user, removals);
        outbox.Add(new Stands(conversation, new Standing(0, removals)));
    }

    public void Created(Conversation conversation, IEnumerable<UserId> receivers) => MembersChanged();

    public void Updated(Conversation conversation, IEnumerable<UserId> receivers) => MembersChanged();

    /// <summary>Every server reads it from the database (see <see cref="MembershipNews"/>), this one too.</summary>
    private void MembersChanged()
    {
        doubt.Members();
        outbox.AddMembersChanged();
    }
}
