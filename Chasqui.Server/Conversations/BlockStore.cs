using Chasqui.Server.Accounts;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Conversations;

/// <summary>
/// Who takes no direct messages from whom. A block is also marked on the blocked member of the direct conversation: sending a
/// message reads that row anyway, so that the check costs nothing and is as strict as membership.
/// </summary>
internal sealed class BlockStore(DbDataSource readers, WriteQueue writes, TimeProvider clock)
{
    public async Task<IReadOnlyList<User>> ListAsync(UserId user, CancellationToken cancellationToken)
    {
        var blocked = await readers.ListAsync<User>(
            """
            SELECT users.id, users.username, users.display_name AS displayName
            FROM blocks JOIN users ON users.id = blocks.blocked_id
            WHERE blocks.user_id = @user ORDER BY users.username_key
            """,
            new { user },
            cancellationToken);
        return [.. blocked.OrderBy(each => AccountRules.SearchKey(each.DisplayName ?? each.Username), StringComparer.Ordinal)];
    }

    public Task BlockAsync(UserId user, UserId blocked)
    {
        var now = clock.GetUtcNow();
        return ChangeAsync(
            user,
            blocked,
            """
            INSERT INTO blocks (user_id, blocked_id, created_at)
            SELECT @user, id, @now FROM users WHERE id = @blocked AND EXISTS (SELECT 1 FROM users WHERE id = @user)
            ON CONFLICT DO NOTHING
            """,
            new { user, blocked, now },
            ErrorCodes.Blocked);
    }

    public Task UnblockAsync(UserId user, UserId blocked) => ChangeAsync(
        user,
        blocked,
        "DELETE FROM blocks WHERE user_id = @user AND blocked_id = @blocked",
        new { user, blocked },
        refusal: null);

    /// <summary>Marks the members of a new direct conversation; part of a write.</summary>
    public static void MarkMembers(WriteSession session, ConversationId direct) => session.Connection().Execute(
        """
        UPDATE participants SET refusal = 'blocked'
        WHERE conversation_id = @direct AND EXISTS (
            SELECT 1 FROM blocks JOIN participants other ON other.user_id = blocks.user_id
            WHERE other.conversation_id = @direct AND blocks.blocked_id = participants.user_id)
        """,
        new { direct });

    /// <summary>Marks the others in the direct conversations of a user who is deleted; part of a write.</summary>
    public static void MarkOthers(WriteSession session, UserId deleted) => session.Connection().Execute(
        """
        UPDATE participants SET refusal = 'recipient_deleted'
        WHERE user_id <> @deleted AND conversation_id IN (
            SELECT c.id FROM conversations c JOIN participants mine ON mine.conversation_id = c.id
            WHERE mine.user_id = @deleted AND c.direct_key IS NOT NULL)
        """,
        new { deleted });

    private async Task ChangeAsync(UserId user, UserId blocked, string sql, object parameters, string? refusal)
    {
        var directKey = ConversationStore.DirectKey(user, blocked);
        ConversationId? locked;
        ConversationId? found;
        do
        {
            // Messages of the conversation wait for the change. Opening it is exclusive too, so this ends.
            locked = await readers.ScalarAsync<byte[]>(
                "SELECT id FROM conversations WHERE direct_key = @directKey", new { directKey }, CancellationToken.None) is { } id
                ? new ConversationId(StorageTypes.ToUuid(id))
                : null;
            found = await writes.RunAsync(
                session =>
                {
                    var direct = session.Connection().QuerySingleOrDefault<ConversationId?>(
                        "SELECT id FROM conversations WHERE direct_key = @directKey", new { directKey });
                    if (direct == locked)
                    {
                        session.Connection().Execute(sql, parameters);
                        session.Connection().Execute(
                            """
                            UPDATE participants SET refusal = @refusal
                            WHERE conversation_id = @direct AND user_id = @blocked AND (refusal IS NULL OR refusal = 'blocked')
                            """,
                            new { refusal, direct, blocked });
                    }

                    return direct;
                },
                conversation: locked,
                exclusive: true);
        }
        while (found != locked);
    }
}
