using Chasqui.Server.Delivery;
using Chasqui.Server.Limits;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Conversations;

/// <summary>Lists and opens conversations. Opening goes through the writer, in one order with the messages.</summary>
internal sealed class ConversationStore(
    DbDataSource readers, ReadSessions sessions, WriteQueue writes, ConversationRows rows, IFanOut fanOut, TimeProvider clock,
    IOptions<LimitOptions> limits)
{
    /// <summary>Nothing where the user is no member of <c>@before</c>: its activity is not theirs to know.</summary>
    private const string After = """
        AND (c.updated_at, c.id) < (
            SELECT last.updated_at, last.id FROM conversations last JOIN participants p ON p.conversation_id = last.id
            WHERE last.id = @before AND p.user_id = @user)
        """;

    private const string OpenedSql = "SELECT COUNT(*) FROM conversations WHERE opened_by = @caller";

    private const int RowsAtOnce = 500;

    /// <summary>The participants that one part of the list holds at least, unless it is the last one.</summary>
    private const int PartParticipants = 1_000;

    /// <summary>The most conversations of one part: each carries a message.</summary>
    private const int PartConversations = 100;

    /// <summary>
    /// A user's conversations, latest activity first. Their members are read in parts as the client reads: thousands of
    /// conversations would take too much memory at once.
    /// </summary>
    /// <param name="user">The user.</param>
    /// <param name="limit">The most conversations; <see langword="null"/> for all.</param>
    /// <param name="before">Only those after this one.</param>
    /// <param name="work">Charged for what is read; the list waits while it is used up.</param>
    /// <param name="mayReadOnAsync">Asked before each part but the first.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    public async IAsyncEnumerable<Conversation> ListAsync(
        UserId user, int? limit, ConversationId? before, Allowance? work, Func<Task<bool>> mayReadOnAsync,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await WhenWithinAsync();
        // Only the ids of all: activity moves conversations while the list is read, and none may be missing.
        var ids = await readers.ListAsync<ConversationId>(
            $"""
            SELECT c.id FROM participants mine JOIN conversations c ON c.id = mine.conversation_id WHERE mine.user_id = @user
            {(before is null ? "" : After)}
            ORDER BY c.updated_at DESC, c.id DESC LIMIT @limit
            """,
            new { user, before, limit = limit ?? int.MaxValue },
            cancellationToken);
        // All were sorted for it.
        var sorted = limit is null ? ids.Count : await readers.ScalarAsync<int>(
            "SELECT COUNT(*) FROM participants WHERE user_id = @user", new { user }, cancellationToken);
        work?.Charge(ids.Count + (sorted / FixedLimits.SortedPerWork));
        var isFirst = true;
        foreach (var chunk in ids.Chunk(RowsAtOnce))
        {
            var unread = new Queue<Conversation>(await RowsAsync(chunk, user, cancellationToken));
            while (unread.Count > 0)
            {
                if (!isFirst && !await mayReadOnAsync())
                {
                    yield break;
                }

                isFirst = false;
                await WhenWithinAsync();
                var part = await PartAsync(unread, user, cancellationToken);
                work?.Charge(part.Sum(conversation => conversation.Participants.Count));
                // A user who was removed since the rows were read does not see the members.
                foreach (var conversation in part.Where(conversation => conversation.Participants.Contains(user)))
                {
                    yield return conversation;
                }
            }
        }

        Task WhenWithinAsync() => work?.WhenWithinAsync(cancellationToken) ?? Task.CompletedTask;
    }

    /// <summary>Opens a direct conversation, or finds the existing one.</summary>
    /// <returns><see langword="null"/> past the conversations that one user may open.</returns>
    public Task<Conversation?> OpenDirectAsync(UserId caller, UserId other) =>
        OpenAsync(caller, [caller, other], ConversationTypes.Direct, name: null, DirectKey(caller, other));

    /// <summary>The direct conversation of two users, if there is one.</summary>
    public async Task<Conversation?> FindDirectAsync(UserId caller, UserId other, CancellationToken cancellationToken)
    {
        using var session = await sessions.RentAsync(cancellationToken);
        return await session.Connection().QuerySingleOrDefaultAsync<ConversationId?>(new CommandDefinition(
            "SELECT id FROM conversations WHERE direct_key = @directKey",
            new { directKey = DirectKey(caller, other) },
            cancellationToken: cancellationToken)) is { } found
            ? rows.Find(session, found, caller)
            : null;
    }

    /// <summary>Whether the user may open no more conversations.</summary>
    public async Task<bool> HasOpenedAllAsync(UserId caller, CancellationToken cancellationToken) =>
        await readers.ScalarAsync<int>(OpenedSql, new { caller }, cancellationToken) >= limits.Value.MaxConversationsPerUser;

    /// <summary>The same for two users in either order.</summary>
    public static byte[] DirectKey(UserId one, UserId other)
    {
        byte[] first = one.Value.ToBytes(), second = other.Value.ToBytes();
        return first.AsSpan().SequenceCompareTo(second) < 0 ? [.. first, .. second] : [.. second, .. first];
    }

    /// <returns><see langword="null"/> past the conversations that one user may open.</returns>
    public Task<Conversation?> OpenGroupAsync(UserId caller, IReadOnlyCollection<UserId> others, string name) =>
        OpenAsync(caller, [caller, .. others], ConversationTypes.Group, name, directKey: null);

    /// <summary>In the order of the ids; without those that the user has left meanwhile.</summary>
    private async Task<IEnumerable<Conversation>> RowsAsync(
        ConversationId[] ids, UserId user, CancellationToken cancellationToken)
    {
        var found = await readers.ListAsync<Conversation>(
            connection => $"{ConversationRows.Select} WHERE mine.user_id = @user AND {connection.IsOneOf("c.id", "@ids")}",
            // Dapper takes no lists of custom types.
            new { user, ids = ids.Select(id => id.Value.ToBytes()).ToArray() },
            cancellationToken);
        var byId = found.ToDictionary(row => row.Id);
        return ids.Where(byId.ContainsKey).Select(id => byId[id]);
    }

    private async Task<IReadOnlyList<Conversation>> PartAsync(
        Queue<Conversation> unread, UserId user, CancellationToken cancellationToken)
    {
        using var session = await sessions.RentAsync(cancellationToken);
        var part = new List<Conversation>();
        var participants = 0;
        while (participants < PartParticipants && part.Count < PartConversations && unread.TryDequeue(out var next))
        {
            part.Add(next);
            participants += Math.Min(next.MemberCount, ChatLimits.MaxShownMembers);
        }

        return [.. rows.WithMembers(session, part, user)];
    }

    private async Task<Conversation?> OpenAsync(
        UserId caller, IReadOnlyCollection<UserId> members, string type, string? name, byte[]? directKey)
    {
        var id = ConversationId.New();
        var now = clock.GetUtcNow();
        var max = limits.Value.MaxConversationsPerUser;
        var opened = await writes.RunAsync(
            session =>
            {
                var created = session.Connection().Execute(
                    $"""
                    INSERT INTO conversations
                        (id, conversation_type, name, direct_key, last_seq, message_count, created_at, updated_at, opened_by,
                        member_count)
                    SELECT @id, @type, CAST(@name AS utf8_text), @directKey, 0, 0, @now, @now, @caller, @Count
                    WHERE ({OpenedSql}) < @max
                    ON CONFLICT (direct_key) DO NOTHING
                    """,
                    new { id, type, name = name?.ToBytes(), directKey, now, caller, max, members.Count }) == 1;
                if (!created)
                {
                    var existing = session.Connection().QuerySingleOrDefault<ConversationId?>(
                        "SELECT id FROM conversations WHERE direct_key = @directKey", new { directKey });
                    return new Opening(existing is { } found ? rows.Find(session, found, caller) : null);
                }

                session.OnMembershipChange(id, MembershipKind.Opened, user: null, now);
                foreach (var member in members)
                {
                    var role = member == caller && directKey is null ? MemberRoles.Owner : MemberRoles.Member;
                    ParticipantStore.Insert(session, id, member, role, now);
                }

                if (directKey is not null)
                {
                    BlockStore.MarkMembers(session, id);
                }

                return new Opening(rows.Find(session, id, caller), rows.FindForEvent(session, id));
            },
            opening =>
            {
                if (opening.Created is { } conversation)
                {
                    fanOut.Created(conversation, members);
                }
            },
            id,
            exclusive: true);
        return opened.Answer;
    }

    /// <param name="Answer">For the caller.</param>
    /// <param name="Created">For the event; <see langword="null"/> when the conversation existed.</param>
    private readonly record struct Opening(Conversation? Answer, Conversation? Created = null);
}
