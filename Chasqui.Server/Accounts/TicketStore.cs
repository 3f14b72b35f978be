using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Chasqui.Protocol;
using Chasqui.Server.Storage;
using Dapper;
using Microsoft.AspNetCore.WebUtilities;

namespace Chasqui.Server.Accounts;

/// <summary>Whose token a ticket stood for.</summary>
internal sealed record Redeemed
{
    public Guid TokenId { get; init; }

    public UserId UserId { get; init; }

    public required string Username { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>Tickets: each opens one socket in the name of the token that asked for it, so that no token stands in an address.</summary>
internal sealed class TicketStore(DbDataSource readers, WriteQueue writes, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private const int TicketBytes = 32;

    /// <returns>The ticket, or <see langword="null"/> when the token was ended meanwhile.</returns>
    public async Task<string?> IssueAsync(Guid tokenId)
    {
        var ticket = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(TicketBytes));
        var now = clock.GetUtcNow();
        var issued = await writes.RunAsync(session =>
        {
            session.Connection.Execute("DELETE FROM tickets WHERE expires_at <= @now", new { now });
            return session.Connection.Execute(
                "INSERT INTO tickets (hash, token_id, expires_at) SELECT @hash, id, @expiresAt FROM tokens WHERE id = @tokenId",
                new { hash = Hash(ticket), tokenId, expiresAt = now + Lifetime });
        });
        return issued == 1 ? ticket : null;
    }

    /// <summary>Takes a ticket: it is gone afterwards.</summary>
    /// <returns><see langword="null"/> when it is none, was used, or has expired, or the token behind it has.</returns>
    public async Task<Redeemed?> RedeemAsync(string ticket)
    {
        var (hash, now) = (Hash(ticket), clock.GetUtcNow());
        if (!await ExistsAsync(hash))
        {
            // Anybody can make one up, and the writer is for those who did not.
            return null;
        }

        return await writes.RunAsync(session =>
            session.Connection.QuerySingleOrDefault<Guid?>(
                "DELETE FROM tickets WHERE hash = @hash AND expires_at > @now RETURNING token_id", new { hash, now }) is { } token
                ? session.Connection.QuerySingleOrDefault<Redeemed>(
                    """
                    SELECT tokens.id AS token_id, users.id AS user_id, users.username, tokens.expires_at
                    FROM tokens JOIN users ON users.id = tokens.user_id
                    WHERE tokens.id = @token AND tokens.expires_at > @now
                    """,
                    new { token, now })
                : null);
    }

    private async Task<bool> ExistsAsync(byte[] hash)
    {
        await using var connection = await readers.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM tickets WHERE hash = @hash)", new { hash });
    }

    private static byte[] Hash(string ticket) => SHA256.HashData(Encoding.UTF8.GetBytes(ticket));
}
