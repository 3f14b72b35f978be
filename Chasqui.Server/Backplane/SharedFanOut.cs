using Chasqui.Protocol;
using Chasqui.Server.Delivery;

namespace Chasqui.Server.Backplane;

/// <summary>What a server says that shares its database: its own connections are told in order, and the other servers hear of it.</summary>
internal sealed class SharedFanOut(FanOut local, Feeds feeds, Outbox outbox) : IFanOut
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

    // The others read from the database who came and who went.
    public void Created(Conversation conversation, IEnumerable<UserId> receivers)
    {
        local.Created(conversation, receivers);
        outbox.AddMembersChanged();
    }

    public void Updated(Conversation conversation, IEnumerable<UserId> receivers)
    {
        local.Updated(conversation, receivers);
        outbox.AddMembersChanged();
    }
}
