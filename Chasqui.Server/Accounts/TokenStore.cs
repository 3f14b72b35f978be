using Chasqui.Server.Delivery;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Accounts;

/// <summary>A token that was ended before it expired, and its position in the order of ends.</summary>
internal sealed record EndedToken
{
    /// <summary>The reason after a logout or a change of the password.</summary>
    public const string Ended = "ended";

    /// <summary>The reason after the account was disabled or deleted.</summary>
    public const string Disabled = "disabled";

    public long Position { get; init; }

    public Guid TokenId { get; init; }

    public UserId UserId { get; init; }

    public required string Reason { get; init; }

    public static CloseReason ToCloseReason(string reason) => reason == Disabled ? CloseReason.AccountDisabled : CloseReason.TokenEnded;
}

/// <summary>A good token.</summary>
internal sealed record IssuedToken
{
    public Guid Id { get; init; }

    public required string Kid { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>The valid tokens. A token needs a row here and a signature; an ended token has none.</summary>
internal sealed class TokenStore(DbDataSource readers, ReadSessions sessions, WriteQueue writes, TimeProvider clock)
{
    private const string ExpirySql = "SELECT expires_at FROM tokens WHERE id = @id AND user_id = @user AND expires_at > @now";

    /// <summary>Past it, those that were checked are forgotten.</summary>
    private const int MaxChecked = 10_000;

    private static readonly string[] ExpiryParameters = ["@id", "@user", "@now"];

    /// <summary>
    /// How long a token is good without being read again. An end by another server or the command line works after that, or when
    /// it is polled; one by this server at once.
    /// </summary>
    private static readonly TimeSpan CheckLasts = TimeSpan.FromSeconds(1);

    /// <summary>Expired tokens are refused at once, and deleted later: a clock that was wrong can be put right again.</summary>
    private static readonly TimeSpan KeepExpired = TimeSpan.FromDays(30);

    /// <summary>Expired tokens are deleted when the clock has had no step for so long.</summary>
    private static readonly TimeSpan EvenPeriod = TimeSpan.FromHours(6);

    /// <summary>A difference between the clock and the timestamps that is no step.</summary>
    private static readonly TimeSpan MaxDrift = TimeSpan.FromMinutes(5);

    /// <summary>How long an end is kept for the other servers, which read twice a second.</summary>
    private static readonly TimeSpan KeepEnds = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<Guid, CheckedToken> _checked = new();

    // When the clock was first seen since its last step; used by writes only.
    private (DateTimeOffset Time, long Timestamp) _even = (clock.GetUtcNow(), clock.GetTimestamp());
    private long _polledEnds;

    /// <summary>What was read before it changed says no longer which tokens are good.</summary>
    private long Ends => writes.ExclusiveCommits + Interlocked.Read(ref _polledEnds);

    /// <summary>Begins a session with its first token. Both have the same id.</summary>
    /// <returns><see langword="false"/> if the account was disabled, deleted or got another password.</returns>
    public Task<bool> BeginSessionAsync(IssuedToken token, Account account, ClientOrigin origin)
    {
        var now = clock.GetUtcNow();
        var row = new
        {
            token.Id,
            token.Kid,
            token.ExpiresAt,
            user = account.Id,
            account.PasswordHash,
            origin.Address,
            origin.UserAgent,
            now,
        };
        return writes.RunAsync(session =>
        {
            if (IsClockEven(now))
            {
                session.Connection().Execute("DELETE FROM sessions WHERE expires_at <= @old", new { old = now - KeepExpired });
            }

            var begun = session.Connection().Execute(
                """
                INSERT INTO sessions (id, user_id, created_at, expires_at, last_seen_at, address, user_agent)
                SELECT @Id, id, @now, @ExpiresAt, @now, @Address, @UserAgent FROM users
                WHERE id = @user AND password_hash = @PasswordHash AND disabled_at IS NULL
                """,
                row) == 1;
            if (begun)
            {
                session.Connection().Execute(
                    "INSERT INTO tokens (id, session_id, user_id, kid, expires_at) VALUES (@Id, @Id, @user, @Kid, @ExpiresAt)",
                    row);
            }

            return begun;
        });
    }

    /// <summary>
    /// Adds a token to the session of another one. It expires at the end of the session at the latest. If the newest token of the
    /// session expires about as late, that one is the answer: the number of good tokens stays bounded.
    /// </summary>
    /// <returns><see langword="null"/> if the old token is not good.</returns>
    public Task<IssuedToken?> RenewAsync(
        Guid old, IssuedToken renewed, TimeSpan sessionLifetime, TimeSpan closeEnough, ClientOrigin origin)
    {
        var now = clock.GetUtcNow();
        return writes.RunAsync(
            session =>
            {
                var connection = session.Connection();
                var login = connection.QuerySingleOrDefault<Login>(
                    """
                    SELECT sessions.id, sessions.user_id, sessions.created_at
                    FROM tokens JOIN sessions ON sessions.id = tokens.session_id
                    WHERE tokens.id = @old AND tokens.expires_at > @now
                    """,
                    new { old, now });
                if (login is null)
                {
                    return null;
                }

                var end = login.CreatedAt + sessionLifetime;
                var token = renewed with { ExpiresAt = renewed.ExpiresAt < end ? renewed.ExpiresAt : end };
                var newest = connection.QueryFirst<IssuedToken>(
                    "SELECT id, kid, expires_at FROM tokens WHERE session_id = @Id ORDER BY expires_at DESC LIMIT 1",
                    new { login.Id });
                // Shorter lifetimes in the settings do not shorten a session.
                token = token with { ExpiresAt = token.ExpiresAt > newest.ExpiresAt ? token.ExpiresAt : newest.ExpiresAt };
                if (newest.Kid == token.Kid && newest.ExpiresAt > token.ExpiresAt - closeEnough)
                {
                    return newest;
                }

                connection.Execute(
                    """
                    INSERT INTO tokens (id, session_id, user_id, kid, expires_at)
                    VALUES (@Id, @session, @UserId, @Kid, @ExpiresAt)
                    """,
                    new { token.Id, session = login.Id, login.UserId, token.Kid, token.ExpiresAt });
                connection.Execute(
                    """
                    UPDATE sessions SET expires_at = CASE WHEN expires_at < @ExpiresAt THEN @ExpiresAt ELSE expires_at END,
                        last_seen_at = @now, address = @Address, user_agent = @UserAgent
                    WHERE id = @session
                    """,
                    new { token.ExpiresAt, now, origin.Address, origin.UserAgent, session = login.Id });
                return token;
            },
            // Not while another server ends the session.
            exclusive: true);
    }

    /// <summary>Not cancelled: the framework would log a disconnect during a handshake as an error with a stack trace.</summary>
    /// <param name="id">The token.</param>
    /// <param name="user">Its user.</param>
    /// <param name="isFresh">Whether it is read, however lately it was.</param>
    public async ValueTask<bool> IsGoodAsync(Guid id, UserId user, bool isFresh = false)
    {
        var (now, ends) = (clock.GetUtcNow().ToUnixTimeMilliseconds(), Ends);
        if (!isFresh && _checked.TryGetValue(id, out var token) && token.User == user && token.ExpiresAt > now
            && token.Ends == ends && Stopwatch.GetElapsedTime(token.At) < CheckLasts)
        {
            return true;
        }

        var at = Stopwatch.GetTimestamp();
        using var session = await sessions.RentAsync();
        var read = session.Command(ExpirySql, ExpiryParameters, id.ToBytes(), user.Value.ToBytes(), now);
        if (await read.ExecuteScalarAsync() is not long expiresAt)
        {
            return false;
        }

        if (_checked.Count >= MaxChecked)
        {
            _checked.Clear();
        }

        _checked[id] = new CheckedToken(user, expiresAt, at, ends);
        return true;
    }

    /// <returns>Why the token is no longer valid (an expired one counts as ended), or <see langword="null"/>.</returns>
    public async Task<CloseReason?> EndReasonAsync(Guid id, UserId user)
    {
        var reason = await readers.ScalarAsync<string?>(
            """
            SELECT COALESCE((SELECT reason FROM ended_tokens WHERE token_id = @id LIMIT 1), @ended)
            WHERE NOT EXISTS (SELECT 1 FROM tokens WHERE id = @id AND user_id = @user AND expires_at > @now)
            """,
            new { id, user, ended = EndedToken.Ended, now = clock.GetUtcNow() },
            CancellationToken.None);
        return reason is null ? null : EndedToken.ToCloseReason(reason);
    }

    /// <summary>Ends the session of a token.</summary>
    public Task EndSessionOfAsync(Guid id)
    {
        var now = clock.GetUtcNow();
        return writes.RunAsync(
            session => End(
                session,
                "session_id = (SELECT session_id FROM tokens WHERE id = @id)",
                new { id, reason = EndedToken.Ended, now },
                now),
            exclusive: true);
    }

    /// <returns><see langword="false"/> if the user has no such session.</returns>
    public async Task<bool> EndSessionAsync(UserId user, Guid id)
    {
        // An unknown one must not cost a write.
        if (!await readers.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT 1 FROM tokens WHERE session_id = @id AND user_id = @user)",
            new { id, user },
            CancellationToken.None))
        {
            return false;
        }

        var now = clock.GetUtcNow();
        return await writes.RunAsync(
            session => End(
                session, "session_id = @id AND user_id = @user", new { id, user, reason = EndedToken.Ended, now }, now),
            exclusive: true) > 0;
    }

    public Task EndAllAsync(UserId user)
    {
        var now = clock.GetUtcNow();
        return writes.RunAsync(session => EndAllOf(session, user, EndedToken.Ended, now), exclusive: true);
    }

    /// <summary>Part of a write.</summary>
    public static int EndAllOf(WriteSession session, UserId user, string reason, DateTimeOffset now, Guid? except = null) =>
        End(session, "user_id = @user AND id <> @except", new { user, except = except ?? Guid.Empty, reason, now }, now);

    /// <summary>Ends the tokens that these keys signed; part of a write.</summary>
    public static int EndSignedWith(WriteSession session, string[] kids, DateTimeOffset now) =>
        End(session, session.Connection().IsOneOf("kid", "@kids"), new { kids, reason = EndedToken.Ended, now }, now);

    /// <summary>Ends all tokens; part of a write.</summary>
    public static int EndAll(WriteSession session, DateTimeOffset now) =>
        End(session, "TRUE", new { reason = EndedToken.Ended, now }, now);

    public async Task<IReadOnlyList<EndedToken>> EndedAfterAsync(long position, CancellationToken cancellationToken)
    {
        var ended = await readers.ListAsync<EndedToken>(
            "SELECT position, token_id, user_id, reason FROM ended_tokens WHERE position > @position ORDER BY position",
            new { position },
            cancellationToken);
        Interlocked.Add(ref _polledEnds, ended.Count);
        return ended;
    }

    public Task<long> LastEndAsync(CancellationToken cancellationToken) =>
        readers.ScalarAsync<long>("SELECT COALESCE(MAX(position), 0) FROM ended_tokens", null, cancellationToken);

    /// <param name="session">The writer's.</param>
    /// <param name="which">A condition on the table of tokens; a constant.</param>
    /// <param name="parameters">Its parameters, with <c>reason</c> and <c>now</c>.</param>
    /// <param name="now">The time.</param>
    /// <returns>The number of good tokens that it ended.</returns>
    private static int End(WriteSession session, string which, object parameters, DateTimeOffset now)
    {
        session.RequireExclusive();
        var ended = session.Connection().Execute(
            $"""
            INSERT INTO ended_tokens (token_id, user_id, reason, ended_at)
            SELECT id, user_id, @reason, @now FROM tokens WHERE {which} AND expires_at > @now
            """,
            parameters);
        session.Connection().Execute("DELETE FROM ended_tokens WHERE ended_at < @old", new { old = now - KeepEnds });
        // A session ends with its last token.
        session.Connection().Execute(
            $"""
            DELETE FROM sessions
            WHERE id IN (SELECT session_id FROM tokens WHERE {which})
              AND NOT EXISTS (SELECT 1 FROM tokens WHERE session_id = sessions.id AND expires_at > @now AND NOT ({which}))
            """,
            parameters);
        session.Connection().Execute($"DELETE FROM tokens WHERE {which}", parameters);
        return ended;
    }

    private bool IsClockEven(DateTimeOffset now)
    {
        var elapsed = clock.GetElapsedTime(_even.Timestamp);
        if ((now - _even.Time - elapsed).Duration() < MaxDrift)
        {
            return elapsed >= EvenPeriod;
        }

        _even = (now, clock.GetTimestamp());
        return false;
    }

    /// <summary>A token that was good at a time; see <see cref="Stopwatch.GetTimestamp"/>.</summary>
    private readonly record struct CheckedToken(UserId User, long ExpiresAt, long At, long Ends);

    private sealed record Login
    {
        public Guid Id { get; init; }

        public UserId UserId { get; init; }

        public DateTimeOffset CreatedAt { get; init; }
    }
}
