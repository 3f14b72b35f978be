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

/// <summary>The members of conversations. Changes go through the writer, in one order with the messages.</summary>
internal sealed class ParticipantStore(
    WriteQueue writes, MessageTable log, ConversationRows rows, IFanOut fanOut, TimeProvider clock, IOptions<LimitOptions> limits)
{
    private const string InsertSql = """
        INSERT INTO participants (conversation_id, user_id, role, joined_at, last_read_seq, read_number)
        VALUES (@id, @user, @role, @now, @seq, (SELECT message_count FROM conversations WHERE id = @id))
        """;

    private static readonly string[] InsertParameters = ["@id", "@user", "@role", "@now", "@seq"];

    /// <summary>Adds those who are no members yet: all of them or none.</summary>
    public Task<MembershipChange> AddAsync(ConversationId id, UserId caller, IReadOnlyCollection<UserId> users)
    {
        var now = clock.GetUtcNow();
        return ChangeAsync(id, session =>
        {
            if (Read(session.Connection(), id, caller, caller) is not { } before)
            {
                return new Change(MembershipChange.NotFound);
            }

            var members = ConversationRows.AllMembers(session.Connection(), id);
            UserId[] added = [.. users.Except(members)];
            MembershipChange? ended =
                added.Length == 0 ? MembershipChange.Done
                : before.ConversationType == ConversationTypes.Direct ? MembershipChange.Direct
                : members.Count + added.Length > limits.Value.MaxParticipants ? MembershipChange.Full
                : !before.IsOwner && HaveDeparted(session.Connection(), id, added) ? MembershipChange.Departed
                : null;
            if (ended is { } status)
            {
                return new Change(status);
            }

            if (before.IsOwner)
            {
                ForgetDepartures(session.Connection(), id, added);
            }

            var events = AddedMembers(session.Connection(), added).Select(member => log.AppendEvent(
                session, id, new EventRow(nameof(MemberAdded), caller, User: member.Id), now, member: member)).ToList();
            foreach (var (seq, user) in events.Select(told => (told.Event.Seq, ((MemberAdded)told.Event).Member.Id)))
            {
                Insert(session, id, user, MemberRoles.Member, now, seq);
                session.OnMembershipChange(id, MembershipKind.Added, user, now);
            }

            Touch(session.Connection(), id, now, added: added.Length);
            return new Change(MembershipChange.Done, rows.FindForEvent(session, id), members, added, Events: events);
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

            var kind = caller == removed ? MembershipKind.Left : MembershipKind.Removed;
            var membershipVersion = Remove(session, id, removed, kind, now);
            var told = log.AppendEvent(session, id, new EventRow(nameof(MemberRemoved), caller, User: removed), now);
            return new Change(
                MembershipChange.Done,
                rows.FindForEvent(session, id),
                ConversationRows.AllMembers(session.Connection(), id),
                Removal: new Removal(removed, RemovalReason(kind), membershipVersion),
                Events: [told]);
        });
    }

    /// <summary>Gives a group a new name. Every member may.</summary>
    /// <returns>The group, unless it is refused.</returns>
    public async Task<(MembershipChange Status, Conversation? Conversation)> RenameAsync(
        ConversationId id, UserId caller, string name)
    {
        var now = clock.GetUtcNow();
        Conversation? renamed = null;
        var status = await ChangeAsync(id, session =>
        {
            switch (Read(session.Connection(), id, caller, caller))
            {
                case null:
                    return new Change(MembershipChange.NotFound);
                case { ConversationType: ConversationTypes.Direct }:
                    return new Change(MembershipChange.Direct);
            }

            CommittedEvent[] told = [];
            var isNew = session.Connection().Execute(
                "UPDATE conversations SET name = CAST(@name AS utf8_text) WHERE id = @id AND name <> CAST(@name AS utf8_text)",
                new { id, name = name.ToBytes() }) == 1;
            if (isNew)
            {
                session.OnMembershipChange(id, MembershipKind.Renamed, user: null, now);
                Touch(session.Connection(), id, now);
                told = [log.AppendEvent(session, id, new EventRow(nameof(ConversationRenamed), caller, Content: name), now)];
            }

            renamed = rows.Find(session, id, caller);
            return isNew
                ? new Change(
                    MembershipChange.Done,
                    rows.FindForEvent(session, id),
                    ConversationRows.AllMembers(session.Connection(), id),
                    Events: told)
                : new Change(MembershipChange.Done);
        });
        return (status, renamed);
    }

    /// <summary>What a user who is no longer a member is told.</summary>
    public static string RemovalReason(MembershipKind kind) =>
        kind == MembershipKind.Left ? RemovalReasons.Left : RemovalReasons.Removed;

    /// <summary>Removes a user from every conversation; part of a write. Servers find the events in the log.</summary>
    public void RemoveFromAll(WriteSession session, UserId user, DateTimeOffset now)
    {
        session.LockConversationsOf(user);
        BlockStore.MarkOthers(session, user);
        var left = session.Connection().Query<(ConversationId Id, string Type)>(
            """
            SELECT c.id, c.conversation_type FROM participants p JOIN conversations c ON c.id = p.conversation_id
            WHERE p.user_id = @user
            """,
            new { user }).AsList();
        foreach (var (id, type) in left)
        {
            Remove(session, id, user, MembershipKind.Left, now);
            if (type == ConversationTypes.Group)
            {
                log.AppendEvent(session, id, new EventRow(nameof(MemberRemoved), user, User: user), now);
            }
        }
    }

    /// <summary>Part of a write. Prepared once, since a group can have many members.</summary>
    /// <param name="session">The session.</param>
    /// <param name="id">The conversation.</param>
    /// <param name="user">The member.</param>
    /// <param name="role">Their role.</param>
    /// <param name="now">When.</param>
    /// <param name="seq">The event that added them: what was before it is not unread.</param>
    public static void Insert(
        WriteSession session, ConversationId id, UserId user, string role, DateTimeOffset now, long seq = 0) => session.Command(
            InsertSql, InsertParameters, id.Value.ToBytes(), user.Value.ToBytes(), role, now.ToUnixTimeMilliseconds(), seq)
            .ExecuteNonQuery();

    private async Task<MembershipChange> ChangeAsync(ConversationId id, Func<WriteSession, Change> execute)
    {
        var change = await writes.RunAsync(execute, change => Announce(id, change), id, exclusive: true);
        return change.Status;
    }

    private void Announce(ConversationId id, Change change)
    {
        if (change.Removal is { } removal)
        {
            fanOut.Remove(removal.User, id, removal.MembershipVersion);
            fanOut.Removed(removal.User, new ConversationRemoved { ConversationId = id, Reason = removal.Reason });
        }

        foreach (var told in change.Events ?? [])
        {
            fanOut.Publish(told.Event, told.MembershipVersion);
        }

        if (change.Conversation is not { } conversation)
        {
            return;
        }

        fanOut.Updated(conversation, change.Members ?? []);
        if (change.Added is { } added)
        {
            fanOut.Created(conversation, added);
        }
    }

    /// <summary>In the order of the ids, as their events tell of them.</summary>
    private static IEnumerable<Member> AddedMembers(DbConnection connection, UserId[] users) => connection.Query<AddedMember>(
        $"SELECT id, username, display_name FROM users WHERE {connection.IsOneOf("id", "@users")} ORDER BY id",
        new { users = users.Select(user => user.Value.ToBytes()).ToArray() })
        .Select(user => new Member(user.Id, user.Username, MemberRoles.Member, user.DisplayName));

    /// <returns><see langword="null"/> if there is no such conversation, or the caller is not a member.</returns>
    private static Before? Read(DbConnection connection, ConversationId id, UserId caller, UserId other) =>
        connection.QuerySingleOrDefault<Before>(
            """
            SELECT c.conversation_type, mine.role = 'owner' AS is_owner,
                EXISTS (SELECT 1 FROM participants WHERE conversation_id = @id AND user_id = @other) AS has_other
            FROM conversations c JOIN participants mine ON mine.conversation_id = c.id
            WHERE c.id = @id AND mine.user_id = @caller
            """,
            new { id, caller, other });

    /// <returns>The new membership version.</returns>
    private static long Remove(WriteSession session, ConversationId id, UserId user, MembershipKind kind, DateTimeOffset now)
    {
        var connection = session.Connection();
        var role = connection.QuerySingle<string>(
            "DELETE FROM participants WHERE conversation_id = @id AND user_id = @user RETURNING role", new { id, user });
        if (role == MemberRoles.Owner)
        {
            PassOwnershipOn(connection, id);
        }

        connection.Execute("DELETE FROM unread_mentions WHERE conversation_id = @id AND user_id = @user", new { id, user });
        connection.Execute(
            "INSERT INTO departures (conversation_id, user_id) VALUES (@id, @user) ON CONFLICT DO NOTHING", new { id, user });
        session.OnMembershipChange(id, kind, user, now);
        return Touch(connection, id, now, removed: 1);
    }

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
    private static long Touch(
        DbConnection connection, ConversationId id, DateTimeOffset now, int added = 0, int removed = 0) =>
        connection.ExecuteScalar<long>(
        """
        UPDATE conversations SET updated_at = CASE WHEN updated_at < @now THEN @now ELSE updated_at END,
            membership_version = membership_version + @removed, member_count = member_count + @added - @removed,
            opened_by = CASE WHEN EXISTS (SELECT 1 FROM participants WHERE conversation_id = @id) THEN opened_by END
        WHERE id = @id
        RETURNING membership_version
        """,
        new { id, now, added, removed });

    /// <summary>The state before a change.</summary>
    private sealed record Before
    {
        public required string ConversationType { get; init; }

        public bool IsOwner { get; init; }

        public bool HasOther { get; init; }
    }

    /// <param name="Status">The outcome.</param>
    /// <param name="Conversation">
    /// What it is now, for the events; <see langword="null"/> when it did not change or has no members.
    /// </param>
    /// <param name="Members">Those who get <c>ConversationUpdated</c>.</param>
    /// <param name="Added">Those who get <c>ConversationCreated</c>.</param>
    /// <param name="Removal">Who gets <c>ConversationRemoved</c>.</param>
    /// <param name="Events">The events of the log that the change appended.</param>
    private readonly record struct Change(
        MembershipChange Status,
        Conversation? Conversation = null,
        IReadOnlyCollection<UserId>? Members = null,
        IReadOnlyCollection<UserId>? Added = null,
        Removal? Removal = null,
        IReadOnlyList<CommittedEvent>? Events = null);

    private sealed record Removal(UserId User, string Reason, long MembershipVersion);

    private sealed record AddedMember
    {
        public UserId Id { get; init; }

        public required string Username { get; init; }

        public string? DisplayName { get; init; }
    }
}
