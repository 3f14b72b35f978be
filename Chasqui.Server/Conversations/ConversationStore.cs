using System.Data.Common;
using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Chasqui.Server.Limits;
using Chasqui.Server.Storage;
using Dapper;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Conversations;

internal enum MembershipChange
{
    /// <summary>Done, or nothing was left to do.</summary>
    Done,

    /// <summary>There is no such conversation, or the caller is not a member.</summary>
    NotFound,

    /// <summary>The members of a direct conversation never change.</summary>
    Direct,

    /// <summary>Only the owner removes others.</summary>
    NotOwner,

    /// <summary>The group has as many participants as it may.</summary>
    Full,
}

/// <summary>The conversations and who is in them. Changes go through the writer, in one order with the messages.</summary>
internal sealed class ConversationStore(
    DbDataSource readers, WriteQueue writes, FanOut fanOut, TimeProvider clock, IOptions<LimitOptions> limits)
{
    public async Task<IReadOnlyList<Conversation>> ListAsync(UserId user, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return ConversationRows.OfUser(connection, user);
    }

    public async Task<bool> IsMemberAsync(ConversationId id, UserId user, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT 1 FROM participants WHERE conversation_id = @id AND user_id = @user)",
            new { id, user },
            cancellationToken: cancellationToken));
    }

    /// <summary>Opens a direct conversation, or finds the one that the two have.</summary>
    public Task<Conversation> OpenDirectAsync(UserId caller, UserId other)
    {
        byte[] first = caller.Value.ToBytes(), second = other.Value.ToBytes();
        byte[] key = first.AsSpan().SequenceCompareTo(second) < 0 ? [.. first, .. second] : [.. second, .. first];
        return OpenAsync(caller, [caller, other], ConversationTypes.Direct, name: null, key);
    }

    /// <returns><see langword="null"/> when a group has no room for so many.</returns>
    public async Task<Conversation?> OpenGroupAsync(UserId caller, IReadOnlyCollection<UserId> others, string name) =>
        others.Count < limits.Value.MaxParticipants
            ? await OpenAsync(caller, [caller, .. others], ConversationTypes.Group, name, directKey: null)
            : null;

    public Task<MembershipChange> AddAsync(ConversationId id, UserId caller, UserId added)
    {
        var now = clock.GetUtcNow();
        return ChangeAsync(session =>
        {
            if (ConversationRows.Find(session.Connection, id, caller) is not { } before)
            {
                return new Change(MembershipChange.NotFound);
            }

            if (before.Participants.Contains(added))
            {
                return new Change(MembershipChange.Done);
            }

            if (before.ConversationType == ConversationTypes.Direct)
            {
                return new Change(MembershipChange.Direct);
            }

            if (before.Participants.Count >= limits.Value.MaxParticipants)
            {
                return new Change(MembershipChange.Full);
            }

            Insert(session.Connection, id, added, MemberRoles.Member, now);
            Touch(session.Connection, id, now);
            return new Change(MembershipChange.Done, ConversationRows.Find(session.Connection, id, caller), Added: added);
        });
    }

    public Task<MembershipChange> RemoveAsync(ConversationId id, UserId caller, UserId removed)
    {
        var now = clock.GetUtcNow();
        return ChangeAsync(session =>
        {
            if (ConversationRows.Find(session.Connection, id, caller) is not { } before)
            {
                return new Change(MembershipChange.NotFound);
            }

            if (before.ConversationType == ConversationTypes.Direct)
            {
                return new Change(MembershipChange.Direct);
            }

            var owner = before.Members.Single(member => member.Role == MemberRoles.Owner).Id;
            if (caller != removed && caller != owner)
            {
                return new Change(MembershipChange.NotOwner);
            }

            if (!before.Participants.Contains(removed))
            {
                return new Change(MembershipChange.Done);
            }

            Remove(session.Connection, id, removed);
            if (removed == owner)
            {
                PassOwnershipOn(session.Connection, id);
            }

            Touch(session.Connection, id, now);
            var left = before.Participants.FirstOrDefault(participant => participant != removed);
            return new Change(MembershipChange.Done, ConversationRows.Find(session.Connection, id, left), Removed: removed, Id: id);
        });
    }

    /// <summary>Takes a user out of every conversation; part of a write.</summary>
    public static void RemoveFromAll(DbConnection connection, UserId user, DateTimeOffset now)
    {
        var left = connection.Query<(ConversationId Id, string Role)>(
            "SELECT conversation_id, role FROM participants WHERE user_id = @user", new { user }).AsList();
        foreach (var (id, role) in left)
        {
            Remove(connection, id, user);
            if (role == MemberRoles.Owner)
            {
                PassOwnershipOn(connection, id);
            }

            Touch(connection, id, now);
        }
    }

    private Task<Conversation> OpenAsync(
        UserId caller, IReadOnlyCollection<UserId> members, string type, string? name, byte[]? directKey)
    {
        var id = ConversationId.New();
        var now = clock.GetUtcNow();
        var created = false;
        return writes.RunAsync(
            session =>
            {
                created = session.Connection.Execute(
                    """
                    INSERT INTO conversations (id, conversation_type, name, direct_key, last_seq, created_at, updated_at)
                    VALUES (@id, @type, CAST(@name AS TEXT), @directKey, 0, @now, @now)
                    ON CONFLICT (direct_key) DO NOTHING
                    """,
                    new { id, type, name = name?.ToBytes(), directKey, now }) == 1;
                if (!created)
                {
                    var existing = session.Connection.QuerySingle<ConversationId>(
                        "SELECT id FROM conversations WHERE direct_key = @directKey", new { directKey });
                    return ConversationRows.Find(session.Connection, existing, caller)!;
                }

                foreach (var member in members)
                {
                    var role = member == caller && directKey is null ? MemberRoles.Owner : MemberRoles.Member;
                    Insert(session.Connection, id, member, role, now);
                }

                return ConversationRows.Find(session.Connection, id, caller)!;
            },
            conversation =>
            {
                if (created)
                {
                    fanOut.Created(conversation, conversation.Participants);
                }
            });
    }

    private async Task<MembershipChange> ChangeAsync(Func<WriteSession, Change> execute)
    {
        var change = await writes.RunAsync(execute, Announce);
        return change.Status;
    }

    private void Announce(Change change)
    {
        if (change.Removed is { } removed)
        {
            fanOut.Remove(removed, change.Id);
        }

        if (change.Conversation is not { } conversation)
        {
            return;
        }

        fanOut.Updated(conversation, conversation.Participants.Where(participant => participant != change.Added));
        if (change.Added is { } added)
        {
            fanOut.Created(conversation, [added]);
        }
    }

    private static void Insert(DbConnection connection, ConversationId id, UserId user, string role, DateTimeOffset now) =>
        connection.Execute(
            "INSERT INTO participants (conversation_id, user_id, role, joined_at) VALUES (@id, @user, @role, @now)",
            new { id, user, role, now });

    private static void Remove(DbConnection connection, ConversationId id, UserId user) => connection.Execute(
        "DELETE FROM participants WHERE conversation_id = @id AND user_id = @user", new { id, user });

    /// <summary>A group always has an owner, as long as it has anybody: whoever has been in it longest.</summary>
    private static void PassOwnershipOn(DbConnection connection, ConversationId id) => connection.Execute(
        """
        UPDATE participants SET role = 'owner'
        WHERE conversation_id = @id AND user_id = (
            SELECT user_id FROM participants WHERE conversation_id = @id ORDER BY joined_at, user_id LIMIT 1)
        """,
        new { id });

    private static void Touch(DbConnection connection, ConversationId id, DateTimeOffset now) => connection.Execute(
        "UPDATE conversations SET updated_at = @now WHERE id = @id", new { id, now });

    private readonly record struct Change(
        MembershipChange Status,
        Conversation? Conversation = null,
        UserId? Added = null,
        UserId? Removed = null,
        ConversationId Id = default);
}
