using System.Data.Common;
using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Chasqui.Server.Storage;
using Dapper;

namespace Chasqui.Server.Accounts;

/// <summary>A token that was ended before its time, and where that stands in the order of such ends.</summary>
internal sealed record EndedToken
{
    /// <summary>Why: somebody logged out, or changed the password.</summary>
    public const string Ended = "ended";

    /// <summary>Why: the account was disabled or deleted.</summary>
    public const string Disabled = "disabled";

    public long Position { get; init; }

    public Guid TokenId { get; init; }

    public UserId UserId { get; init; }

    public required string Reason { get; init; }

    public static CloseReason ToCloseReason(string reason) => reason == Disabled ? CloseReason.AccountDisabled : CloseReason.TokenEnded;
}

/// <summary>Which tokens are good. Signed and not expired is not enough: a token that was ended is gone from here.</summary>
internal sealed class TokenStore(DbDataSource readers, ReadSessions sessions, WriteQueue writes, TimeProvider clock)
{
    private const string IsGoodSql = "SELECT 1 FROM tokens WHERE id = @id AND user_id = @user AND expires_at > @now";

    private static readonly string[] IsGoodParameters = ["@id", "@user", "@now"];

    /// <summary>How long an end is kept for servers to read; they read twice a second.</summary>
    private static readonly TimeSpan KeepEnds = TimeSpan.FromHours(1);

    /// <summary>Makes a token good.</summary>
    /// <returns><see langword="false"/> when the account was disabled, deleted or got another password meanwhile.</returns>
    public Task<bool> AddAsync(Guid id, string kid, DateTimeOffset expiresAt, Account account)
    {
        var now = clock.GetUtcNow();
        return writes.RunAsync(session =>
        {
            session.Connection.Execute("DELETE FROM tokens WHERE expires_at <= @now", new { now });
            return session.Connection.Execute(
                """
                INSERT INTO tokens (id, user_id, kid, expires_at)
                SELECT @id, id, @kid, @expiresAt FROM users
                WHERE id = @user AND password_hash = @PasswordHash AND disabled_at IS NULL
                """,
                new { id, kid, expiresAt, user = account.Id, account.PasswordHash }) == 1;
        });
    }

    /// <summary>
    /// Not to be cancelled: those who ask are the framework's own handlers, and to them it would be an error, with a stack
    /// trace in the log, that somebody hung up in the middle of a handshake.
    /// </summary>
    public async Task<bool> IsGoodAsync(Guid id, UserId user)
    {
        using var session = await sessions.RentAsync();
        return await session.Command(
            IsGoodSql, IsGoodParameters, id.ToBytes(), user.Value.ToBytes(), clock.GetUtcNow().ToUnixTimeMilliseconds())
            .ExecuteScalarAsync() is not null;
    }

    /// <summary>Asks once more, of a token that was good: <see cref="EndedToken.Ended"/> stands for one that has expired, too.</summary>
    /// <returns>Why it is good no longer, or <see langword="null"/>.</returns>
    public async Task<CloseReason?> EndReasonAsync(Guid id, UserId user)
    {
        await using var connection = await readers.OpenConnectionAsync();
        var reason = await connection.ExecuteScalarAsync<string?>(
            """
            SELECT COALESCE((SELECT reason FROM ended_tokens WHERE token_id = @id LIMIT 1), @ended)
            WHERE NOT EXISTS (SELECT 1 FROM tokens WHERE id = @id AND user_id = @user AND expires_at > @now)
            """,
            new { id, user, ended = EndedToken.Ended, now = clock.GetUtcNow() });
        return reason is null ? null : EndedToken.ToCloseReason(reason);
    }

    public Task EndAsync(Guid id)
    {
        var now = clock.GetUtcNow();
        return writes.RunAsync(session => End(session, "id = @id", new { id, reason = EndedToken.Ended, now }, now), exclusive: true);
    }

    public Task EndAllAsync(UserId user)
    {
        var now = clock.GetUtcNow();
        return writes.RunAsync(session => EndAllOf(session, user, EndedToken.Ended, now), exclusive: true);
    }

    /// <summary>Ends a user's tokens, all but one if one is named; part of a write.</summary>
    public static int EndAllOf(WriteSession session, UserId user, string reason, DateTimeOffset now, Guid? except = null) =>
        End(session, "user_id = @user AND id <> @except", new { user, except = except ?? Guid.Empty, reason, now }, now);

    /// <summary>Ends the tokens that were signed with these keys; part of a write.</summary>
    public static int EndSignedWith(WriteSession session, string[] kids, DateTimeOffset now) =>
        End(session, session.Connection.IsOneOf("kid", "@kids"), new { kids, reason = EndedToken.Ended, now }, now);

    /// <summary>Ends every token there is; part of a write.</summary>
    public static int EndAll(WriteSession session, DateTimeOffset now) =>
        End(session, "TRUE", new { reason = EndedToken.Ended, now }, now);

    /// <summary>What was ended after a position, in order.</summary>
    public async Task<IReadOnlyList<EndedToken>> EndedAfterAsync(long position, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<EndedToken>(new CommandDefinition(
            "SELECT position, token_id, user_id, reason FROM ended_tokens WHERE position > @position ORDER BY position",
            new { position },
            cancellationToken: cancellationToken))];
    }

    public async Task<long> LastEndAsync(CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "SELECT COALESCE(MAX(position), 0) FROM ended_tokens", cancellationToken: cancellationToken));
    }

    /// <param name="session">The writer's.</param>
    /// <param name="which">A condition on the table of tokens; a constant.</param>
    /// <param name="parameters">Its parameters, with <c>reason</c> and <c>now</c>.</param>
    /// <param name="now">The time.</param>
    private static int End(WriteSession session, string which, object parameters, DateTimeOffset now)
    {
        session.RequireExclusive();
        session.Connection.Execute(
            $"""
            INSERT INTO ended_tokens (token_id, user_id, reason, ended_at)
            SELECT id, user_id, @reason, @now FROM tokens WHERE {which} AND expires_at > @now
            """,
            parameters);
        session.Connection.Execute("DELETE FROM ended_tokens WHERE ended_at < @old", new { old = now - KeepEnds });
        return session.Connection.Execute($"DELETE FROM tokens WHERE {which}", parameters);
    }
}
