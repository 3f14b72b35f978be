using Chasqui.Server.Configuration;
using Chasqui.Server.Delivery;

namespace Chasqui.Server.Presence;

/// <summary>
/// Who types in which conversation, on this server and the others. Each server ends it after a time, so that nobody types for
/// ever when a server is killed or a message between servers is lost.
/// </summary>
internal sealed class TypingMembers(TypingStore store, IEphemeralFanOut fanOut, ServerInstance server, TimeProvider clock)
{
    /// <summary>Unless the client repeats it.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(6);

    /// <summary>Of the changes of a connection in a conversation; what comes sooner is dropped.</summary>
    private static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(ConversationId Conversation, UserId User), TypingMember> _members = new();

    /// <returns>The number of connections that got it; <see langword="null"/> when the user is no member.</returns>
    /// <exception cref="DbException">The database does not answer.</exception>
    public async Task<int?> SetAsync(
        ClientConnection connection, ConversationId conversation, bool active, CancellationToken cancellationToken)
    {
        var key = (conversation, connection.Credentials.User);
        if (connection.Typing.HasChangedWithin(MinInterval, conversation, clock))
        {
            if (!active && _members.TryGetValue(key, out var member))
            {
                // Dropped as a change, but the others need not wait for the timeout.
                member.EndAfter(MinInterval);
            }

            return 0;
        }

        if (await store.HiddenFromAsync(conversation, key.User, cancellationToken) is not { } hiddenFrom)
        {
            return null;
        }

        connection.Typing.Add(conversation, Timeout, clock);
        return active ? Begin(key, connection, hiddenFrom) : End(key);
    }

    /// <summary>A connection ends.</summary>
    public void End(ClientConnection connection)
    {
        foreach (var conversation in connection.Typing.Conversations)
        {
            End(connection, conversation);
        }
    }

    /// <summary>A connection leaves a conversation.</summary>
    public void End(ClientConnection connection, ConversationId conversation)
    {
        var key = (conversation, connection.Credentials.User);
        if (_members.TryGetValue(key, out var member) && member.Connection == connection)
        {
            End(key);
        }
    }

    /// <summary>A message was stored. Called by the writer.</summary>
    public void OnMessage(ConversationId conversation, UserId sender) => End((conversation, sender));

    /// <summary>A member types on another server, or no longer does.</summary>
    public void Receive(TypingChange change)
    {
        var key = (change.Event.ConversationId, change.Event.UserId);
        if (change.Event.Active)
        {
            Begin(key, connection: null, change.HiddenFrom);
        }
        else
        {
            End(key);
        }
    }

    private int Begin(
        (ConversationId Conversation, UserId User) key, ClientConnection? connection, IReadOnlyCollection<UserId> hiddenFrom)
    {
        var member = new TypingMember(connection, hiddenFrom);
        _members.AddOrUpdate(key, member, (_, before) =>
        {
            before.Dispose();
            return member;
        });
        member.Start(clock, Timeout, () => End(key, member));
        return Tell(key, member, active: true);
    }

    /// <param name="key">Who types, and where.</param>
    /// <param name="ended">Only this; one that began later goes on.</param>
    private int End((ConversationId Conversation, UserId User) key, TypingMember? ended = null)
    {
        var removed = ended;
        if (ended is null ? !_members.TryRemove(key, out removed) : !_members.TryRemove(new(key, ended)))
        {
            return 0;
        }

        removed!.Dispose();
        return Tell(key, removed, active: false);
    }

    private int Tell((ConversationId Conversation, UserId User) key, TypingMember member, bool active)
    {
        var typing = new Typing { ConversationId = key.Conversation, UserId = key.User, Active = active };
        if (member.Connection is not null)
        {
            fanOut.Publish(new EphemeralMessage { Server = server.Id, Typing = new TypingChange(typing, member.HiddenFrom) });
        }

        return fanOut.Send(typing, member.HiddenFrom);
    }
}
