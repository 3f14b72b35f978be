using Chasqui.Server.Delivery;
using Chasqui.Server.Limits;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Conversations;

internal enum MembershipChange
{
    /// <summary>Done, or nothing to do.</summary>
    Done,

    /// <summary>There is no such conversation, or the caller is not a member.</summary>
    NotFound,

    /// <summary>The members of a direct conversation cannot change.</summary>
    Direct,

    /// <summary>Only the owner may remove other members.</summary>
    NotOwner,

    /// <summary>Only the owner may add a user who has left or was removed.</summary>
    Departed,

    Full,
}

/// <summary>A conversation of a user, and how many members it has.</summary>
internal sealed record OwnConversation
{
    public ConversationId Id { get; init; }

    public bool IsDirect { get; init; }

    public int Participants { get; init; }
}

/// <summary>The members of conversations. Changes go through the writer, in one order with the messages.</summary>
internal sealed class ParticipantStore(
    DbDataSource readers, WriteQueue writes, MessageTable log, IFanOut fanOut, TimeProvider clock, IOptions<LimitOptions> limits)
{
    private const string InsertSql =
        "INSERT INTO participants (conversation_id, user_id, role, joined_at) VALUES (@id, @user, @role, @now)";

    private static readonly string[] InsertParameters = ["@id", "@user", "@role", "@now"];

    public async Task<HashSet<UserId>> MembersAsync(ConversationId id, CancellationToken cancellationToken) =>
        [.. await readers.ListAsync<UserId>(
            "SELECT user_id FROM participants WHERE conversation_id = @id", new { id }, cancellationToken)];

    /// <summary>Adds those who are no members yet: all of them or none.</summary>
    public Task<MembershipChange> AddAsync(ConversationId id, UserId caller, IReadOnlyCollection<UserId> users)
    {
        var now = clock.GetUtcNow();
        return ChangeAsync(id, session =>
        {
            if (ConversationRows.Find(session, id, caller) is not { } conversation)
            {
                return new Change(MembershipChange.NotFound);
            }

            UserId[] added = [.. users.Except(conversation.Participants)];
            MembershipChange? ended =
                added.Length == 0 ? MembershipChange.Done
                : conversation.ConversationType == ConversationTypes.Direct ? MembershipChange.Direct
                : conversation.Participants.Count + added.Length > limits.Value.MaxParticipants ? MembershipChange.Full
                : !IsOwner(conversation, caller) && HaveDeparted(session.Connection(), id, added) ? MembershipChange.Departed
                : null;
            if (ended is { } status)
            {
                return new Change(status);
            }

            if (IsOwner(conversation, caller))
            {
                ForgetDepartures(session.Connection(), id, added);
            }

            foreach (var user in added)
            {
                Insert(session, id, user, MemberRoles.Member, now);
                session.OnMembershipChange(id, MembershipKind.Added, user, now);
            }

            Touch(session.Connection(), id, now, removed: 0);
            var changed = ConversationRows.Find(session, id, caller)!;
            CommittedEvent[] events =
            [
                .. changed.Members.Where(member => added.Contains(member.Id)).Select(member => log.AppendEvent(
                    session, id, new EventRow(nameof(MemberAdded), caller, User: member.Id), now, member: member)),
            ];
            return new Change(MembershipChange.Done, ConversationRows.Find(session, id, caller), added) { Events = events };
        });
    }

    public Task<MembershipChange> RemoveAsync(ConversationId id, UserId caller, UserId removed)
    {
        var now = clock.GetUtcNow();
        return ChangeAsync(id, session =>
        {
            MembershipChange? ended = Read(session.Connection(), id, caller, removed) switch
            {
                null => MembershipChange.NotFound,
                { ConversationType: ConversationTypes.Direct } => MembershipChange.Direct,
                { IsOwner: false } when caller != removed => MembershipChange.NotOwner,
                { HasOther: false } => MembershipChange.Done,
                _ => null,
            };
            if (ended is { } status)
            {
                return new Change(status);
            }

            var membershipVersion = Remove(session, id, removed, now);
            var told = log.AppendEvent(session, id, new EventRow(nameof(MemberRemoved), caller, User: removed), now);
            var left = ConversationRows.FindForAnybody(session, id);
            return new Change(MembershipChange.Done, left, Removed: removed, Id: id, MembershipVersion: membershipVersion)
            {
                Events = [told],
            };
        });
    }

    /// <summary>The conversations among these that the user is in.</summary>
    public Task<IReadOnlyList<OwnConversation>> AmongAsync(
        IEnumerable<ConversationId> ids, UserId user, CancellationToken cancellationToken) => readers.ListAsync<OwnConversation>(
            connection => $"""
                SELECT c.id, c.conversation_type = 'direct' AS is_direct,
                    (SELECT COUNT(*) FROM participants WHERE conversation_id = c.id) AS participants
                FROM participants mine JOIN conversations c ON c.id = mine.conversation_id
                WHERE mine.user_id = @user AND {connection.IsOneOf("c.id", "@ids")}
                """,
            // Dapper takes no lists of custom types.
            new { user, ids = ids.Select(id => id.Value.ToBytes()).ToArray() },
            cancellationToken);

    /// <summary>Removes a user from every conversation; part of a write.</summary>
    public static void RemoveFromAll(WriteSession session, UserId user, DateTimeOffset now)
    {
        session.LockConversationsOf(user);
        BlockStore.MarkOthers(session, user);
        var left = session.Connection().Query<ConversationId>(
            "SELECT conversation_id FROM participants WHERE user_id = @user", new { user }).AsList();
        foreach (var id in left)
        {
            Remove(session, id, user, now);
        }
    }

    /// <summary>Part of a write. Prepared once, since a group can have many members.</summary>
    public static void Insert(WriteSession session, ConversationId id, UserId user, string role, DateTimeOffset now) =>
        session.Command(InsertSql, InsertParameters, id.Value.ToBytes(), user.Value.ToBytes(), role, now.ToUnixTimeMilliseconds())
            .ExecuteNonQuery();

    private async Task<MembershipChange> ChangeAsync(ConversationId id, Func<WriteSession, Change> execute)
    {
        var change = await writes.RunAsync(execute, Announce, id, exclusive: true);
        return change.Status;
    }

    private void Announce(Change change)
    {
        if (change.Removed is { } removed)
        {
            fanOut.Remove(removed, change.Id, change.MembershipVersion);
        }

        foreach (var told in change.Events ?? [])
        {
            fanOut.Publish(told.Event, told.MembershipVersion);
        }

        if (change.Conversation is not { } conversation)
        {
            return;
        }

        fanOut.Updated(conversation, conversation.Participants.Except(change.Added ?? []));
        if (change.Added is { } added)
        {
            fanOut.Created(conversation, added);
        }
    }

    /// <returns><see langword="null"/> if there is no such conversation, or the caller is not a member.</returns>
    private static Before? Read(DbConnection connection, ConversationId id, UserId caller, UserId other) =>
        connection.QuerySingleOrDefault<Before>(
            """
            SELECT c.conversation_type, mine.role = 'owner' AS is_owner,
                (SELECT COUNT(*) FROM participants WHERE conversation_id = @id) AS participants,
                EXISTS (SELECT 1 FROM participants WHERE conversation_id = @id AND user_id = @other) AS has_other
            FROM conversations c JOIN participants mine ON mine.conversation_id = c.id
            WHERE c.id = @id AND mine.user_id = @caller
            """,
            new { id, caller, other });

    /// <returns>The new membership version.</returns>
    private static long Remove(WriteSession session, ConversationId id, UserId user, DateTimeOffset now)
    {
        var connection = session.Connection();
        var role = connection.QuerySingle<string>(
            "DELETE FROM participants WHERE conversation_id = @id AND user_id = @user RETURNING role", new { id, user });
        if (role == MemberRoles.Owner)
        {
            PassOwnershipOn(connection, id);
        }

        connection.Execute(
            "INSERT INTO departures (conversation_id, user_id) VALUES (@id, @user) ON CONFLICT DO NOTHING", new { id, user });
        session.OnMembershipChange(id, MembershipKind.Removed, user, now);
        return Touch(connection, id, now, removed: 1);
    }

    private static bool IsOwner(Conversation conversation, UserId user) =>
        conversation.Members.Any(member => member.Id == user && member.Role == MemberRoles.Owner);

    private static bool HaveDeparted(
        DbConnection connection, ConversationId id, UserId[] users) => connection.ExecuteScalar<bool>(
        $"""
        SELECT EXISTS (
            SELECT 1 FROM departures WHERE conversation_id = @id AND {connection.IsOneOf("user_id", "@users")})
        """,
        // Dapper takes no lists of custom types.
        new { id, users = users.Select(user => user.Value.ToBytes()).ToArray() });

    private static void ForgetDepartures(DbConnection connection, ConversationId id, UserId[] users) => connection.Execute(
        $"DELETE FROM departures WHERE conversation_id = @id AND {connection.IsOneOf("user_id", "@users")}",
        new { id, users = users.Select(user => user.Value.ToBytes()).ToArray() });

    /// <summary>A group with members always has an owner: the one who joined first.</summary>
    private static void PassOwnershipOn(DbConnection connection, ConversationId id) => connection.Execute(
        """
        UPDATE participants SET role = 'owner'
        WHERE conversation_id = @id AND user_id = (
            SELECT user_id FROM participants WHERE conversation_id = @id ORDER BY joined_at, user_id LIMIT 1)
        """,
        new { id });

    /// <summary>A conversation without members no longer counts for the user who opened it.</summary>
    private static long Touch(DbConnection connection, ConversationId id, DateTimeOffset now, int removed) => connection.ExecuteScalar<long>(
        """
        UPDATE conversations SET updated_at = CASE WHEN updated_at < @now THEN @now ELSE updated_at END,
            membership_version = membership_version + @removed,
            opened_by = CASE WHEN EXISTS (SELECT 1 FROM participants WHERE conversation_id = @id) THEN opened_by END
        WHERE id = @id
        RETURNING membership_version
        """,
        new { id, now, removed });

    /// <summary>The state before a change.</summary>
    private sealed record Before
    {
        public required string ConversationType { get; init; }

        public bool IsOwner { get; init; }

        public int Participants { get; init; }

        public bool HasOther { get; init; }
    }

    private readonly record struct Change(
        MembershipChange Status,
        Conversation? Conversation = null,
        IReadOnlyCollection<UserId>? Added = null,
        UserId? Removed = null,
        ConversationId Id = default,
        long MembershipVersion = 0)
    {
        /// <summary>In their order.</summary>
        public IReadOnlyList<CommittedEvent>? Events { get; init; }
    }
}
