using Chasqui.Server.Storage;
using Microsoft.AspNetCore.WebUtilities;

namespace Chasqui.Server.Accounts;

/// <summary>The token that a ticket stood for.</summary>
internal sealed record Redeemed
{
    public Guid TokenId { get; init; }

    public UserId UserId { get; init; }

    public required string Username { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>Tickets. Each opens one socket in place of a token, so that no token is in an address.</summary>
internal sealed class TicketStore(DbDataSource readers, WriteQueue writes, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A ticket with more time left was issued before the clock was set back. The clocks of servers may differ by a minute.
    /// </summary>
    private static readonly TimeSpan MaxLeft = Lifetime + TimeSpan.FromMinutes(1);

    private const int TicketBytes = 32;

    /// <returns><see langword="null"/> if the token was ended.</returns>
    public async Task<string?> IssueAsync(Guid tokenId)
    {
        var ticket = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(TicketBytes));
        var now = clock.GetUtcNow();
        var issued = await writes.RunAsync(session =>
        {
            session.Connection().Execute(
                "DELETE FROM tickets WHERE expires_at <= @now OR expires_at > @latest", new { now, latest = now + MaxLeft });
            return session.Connection().Execute(
                "INSERT INTO tickets (hash, token_id, expires_at) SELECT @hash, id, @expiresAt FROM tokens WHERE id = @tokenId",
                new { hash = Hash(ticket), tokenId, expiresAt = now + Lifetime });
        });
        return issued == 1 ? ticket : null;
    }

    /// <summary>Uses a ticket up.</summary>
    /// <returns><see langword="null"/> if it does not exist, was used, or has expired, or its token has.</returns>
    public async Task<Redeemed?> RedeemAsync(string ticket)
    {
        var now = clock.GetUtcNow();
        var (hash, latest) = (Hash(ticket), now + MaxLeft);
        // Anyone can invent a ticket; only a real one may cost a write.
        if (!await readers.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT 1 FROM tickets WHERE hash = @hash)", new { hash }, CancellationToken.None))
        {
            return null;
        }

        return await writes.RunAsync(session =>
            session.Connection().QuerySingleOrDefault<Guid?>(
                "DELETE FROM tickets WHERE hash = @hash AND expires_at > @now AND expires_at <= @latest RETURNING token_id",
                new { hash, now, latest }) is { } token
                ? session.Connection().QuerySingleOrDefault<Redeemed>(
                    """
                    SELECT tokens.id AS token_id, users.id AS user_id, users.username, tokens.expires_at
                    FROM tokens JOIN users ON users.id = tokens.user_id
                    WHERE tokens.id = @token AND tokens.expires_at > @now
                    """,
                    new { token, now })
                : null);
    }

    private static byte[] Hash(string ticket) => SHA256.HashData(Encoding.UTF8.GetBytes(ticket));
}
