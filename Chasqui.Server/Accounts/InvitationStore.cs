using Chasqui.Server.Storage;
using Microsoft.AspNetCore.WebUtilities;

namespace Chasqui.Server.Accounts;

/// <summary>An invitation as the operator sees it: the text itself is not stored.</summary>
internal sealed record Invitation
{
    public long Id { get; init; }

    public int Uses { get; init; }

    public int Used { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>Invitations, which the operator makes, and each of which registers a number of accounts.</summary>
internal sealed class InvitationStore(DbDataSource readers, WriteQueue writes, TimeProvider clock)
{
    /// <summary>128 random bits, short enough to be read out.</summary>
    private const int Bytes = 16;

    private const string IsGood = "hash = @hash AND used < uses AND expires_at > @now";

    /// <returns>The invitation; only its hash is stored.</returns>
    public async Task<string> CreateAsync(int uses, TimeSpan lifetime)
    {
        var invitation = WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(Bytes));
        var now = clock.GetUtcNow();
        await writes.RunAsync(session => session.Connection().Execute(
            """
            INSERT INTO invitations (hash, uses, used, created_at, expires_at) VALUES (@hash, @uses, 0, @now, @expiresAt)
            """,
            new { hash = Hash(invitation), uses, now, expiresAt = now + lifetime }));
        return invitation;
    }

    public Task<IReadOnlyList<Invitation>> ListAsync(CancellationToken cancellationToken) => readers.ListAsync<Invitation>(
        "SELECT id, uses, used, created_at, expires_at FROM invitations ORDER BY id", null, cancellationToken);

    /// <returns><see langword="false"/> if there is no such invitation.</returns>
    public async Task<bool> RevokeAsync(long id) => await writes.RunAsync(session =>
        session.Connection().Execute("DELETE FROM invitations WHERE id = @id", new { id })) == 1;

    /// <summary>Whether it can register an account at this moment; <see cref="Use"/> decides.</summary>
    public Task<bool> IsGoodAsync(string invitation, CancellationToken cancellationToken) => readers.ScalarAsync<bool>(
        $"SELECT EXISTS (SELECT 1 FROM invitations WHERE {IsGood})",
        new { hash = Hash(invitation), now = clock.GetUtcNow() },
        cancellationToken);

    /// <summary>Counts a use; part of a write.</summary>
    /// <returns><see langword="false"/> if the invitation is not good.</returns>
    public static bool Use(WriteSession session, string invitation, DateTimeOffset now) => session.Connection().Execute(
        $"UPDATE invitations SET used = used + 1 WHERE {IsGood}", new { hash = Hash(invitation), now }) == 1;

    /// <summary>Takes back a use of the same write.</summary>
    public static void TakeBack(WriteSession session, string invitation) => session.Connection().Execute(
        "UPDATE invitations SET used = used - 1 WHERE hash = @hash", new { hash = Hash(invitation) });

    private static byte[] Hash(string invitation) => SHA256.HashData(Encoding.UTF8.GetBytes(invitation));
}
