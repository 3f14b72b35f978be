using Chasqui.Server.Accounts;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Conversations;

internal sealed record AccountRow
{
    public UserId Id { get; init; }

    public required string Username { get; init; }

    public required string Email { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? DisabledAt { get; init; }
}

/// <summary>The operator's commands on accounts. Deleting one also leaves its conversations.</summary>
internal sealed class AccountStore(
    DbDataSource readers, WriteQueue writes, ParticipantStore participants, TimeProvider clock)
{
    public Task DisableAsync(UserId id)
    {
        var now = clock.GetUtcNow();
        return writes.RunAsync(session =>
        {
            session.Connection().Execute("UPDATE users SET disabled_at = @now WHERE id = @id AND disabled_at IS NULL", new { id, now });
            return TokenStore.EndAllOf(session, id, EndedToken.Disabled, now);
        }, exclusive: true);
    }

    public Task EnableAsync(UserId id) => writes.RunAsync(session =>
        session.Connection().Execute("UPDATE users SET disabled_at = NULL WHERE id = @id", new { id }));

    /// <summary>Deletes an account. Its messages stay, and direct conversations stay with the other member.</summary>
    public Task DeleteAsync(UserId id)
    {
        var now = clock.GetUtcNow();
        return writes.RunAsync(session =>
        {
            // First, since it locks many conversations.
            participants.RemoveFromAll(session, id, now);
            TokenStore.EndAllOf(session, id, EndedToken.Disabled, now);
            return session.Connection().Execute("DELETE FROM users WHERE id = @id", new { id });
        }, exclusive: true);
    }

    public async Task<IReadOnlyList<AccountRow>> AllAsync(CancellationToken cancellationToken)
    {
        var all = await readers.ListAsync<AccountRow>(
            "SELECT id, username, email, created_at, disabled_at FROM users ORDER BY username_key", null, cancellationToken);
        return [.. all.OrderBy(account => AccountRules.SearchKey(account.Username), StringComparer.Ordinal)];
    }
}
