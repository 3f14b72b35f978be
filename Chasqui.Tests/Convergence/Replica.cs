using Chasqui.Protocol;

namespace Chasqui.Tests.Convergence;

/// <summary>A conversation as a client holds it that keeps to the rules of docs/protocol.md, One state on every client.</summary>
internal sealed class Replica
{
    private readonly Dictionary<MessageId, Message> _byId = [];
    private readonly SortedDictionary<long, MessageId> _order = [];

    /// <summary>The newest event that was applied.</summary>
    public long Seq { get; private set; }

    public IEnumerable<Message> Messages => _order.Values.Select(id => _byId[id]);

    public Message? Find(MessageId id) => _byId.GetValueOrDefault(id);

    /// <summary>Applies the next event.</summary>
    /// <returns><see langword="false"/> where an event is missing before it.</returns>
    public bool Apply(IConversationEvent next)
    {
        if (next.Seq <= Seq)
        {
            return true;
        }

        if (next.Seq != Seq + 1)
        {
            return false;
        }

        Seq = next.Seq;
        switch (next)
        {
            case NewMessage { Message: var message }:
                _byId[message.Id] = message;
                _order[message.Seq] = message.Id;
                break;
            case MessageEdited edited:
                Change(edited.MessageId, Seq, message =>
                    message with { Content = edited.Content, Mentions = edited.Mentions, EditedAt = edited.EditedAt });
                break;
            case MessageDeleted deleted:
                Change(deleted.MessageId, Seq, message => message with
                {
                    Content = "",
                    DeletedAt = deleted.DeletedAt,
                    EditedAt = null,
                    Mentions = null,
                    Reactions = null,
                });
                break;
            case ReactionAdded added:
                Change(added.MessageId, Seq, message => message with { Reactions = With(message.Reactions ?? [], added) });
                break;
            case ReactionRemoved removed:
                Change(removed.MessageId, Seq, message => message with { Reactions = Without(message.Reactions ?? [], removed) });
                break;
        }

        return true;
    }

    private void Change(MessageId id, long seq, Func<Message, Message> change)
    {
        if (_byId.TryGetValue(id, out var message) && (message.UpdatedSeq ?? 0) < seq)
        {
            _byId[id] = change(message) with { UpdatedSeq = seq };
        }
    }

    private static List<Reaction> With(IReadOnlyList<Reaction> before, ReactionAdded added)
    {
        var known = before.Any(reaction => reaction.Emoji == added.Emoji) ? before : [.. before, new Reaction(added.Emoji, 0, [])];
        return [.. known.Select(reaction => reaction.Emoji == added.Emoji
            ? new Reaction(reaction.Emoji, reaction.Count + 1, [.. reaction.UserIds, added.UserId])
            : reaction)];
    }

    private static List<Reaction>? Without(IReadOnlyList<Reaction> before, ReactionRemoved removed)
    {
        List<Reaction> after =
        [
            .. before.Select(reaction => reaction.Emoji == removed.Emoji
                ? new Reaction(reaction.Emoji, reaction.Count - 1, [.. reaction.UserIds.Where(user => user != removed.UserId)])
                : reaction).Where(reaction => reaction.Count > 0),
        ];
        return after.Count > 0 ? after : null;
    }
}
