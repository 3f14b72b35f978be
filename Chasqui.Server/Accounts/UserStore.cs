using Chasqui.Server.Storage;

namespace Chasqui.Server.Accounts;

/// <summary>An account that can log in.</summary>
internal sealed record Account
{
    public UserId Id { get; init; }

    public required string Username { get; init; }

    public required string PasswordHash { get; init; }

    public bool IsDisabled { get; init; }
}

/// <summary>What other users see of a user.</summary>
/// <param name="Id">The user's id.</param>
/// <param name="Username">The user's name.</param>
/// <param name="DisplayName">What to show instead of it; absent if it is the username.</param>
internal sealed record User(UserId Id, string Username, string? DisplayName = null);

/// <summary>What users see of themselves.</summary>
internal sealed record Me
{
    /// <summary>The caller's id.</summary>
    public UserId Id { get; init; }

    /// <summary>The caller's name.</summary>
    public required string Username { get; init; }

    /// <summary>What others see instead of the username; absent if it is the username.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The caller's e-mail address; other users do not see it.</summary>
    public required string Email { get; init; }

    /// <summary>When the account was created.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}

internal enum Registration
{
    Created,
    UsernameTaken,
    EmailTaken,
    InvitationInvalid,
}

internal sealed class UserStore(DbDataSource readers, WriteQueue writes, TimeProvider clock)
{
    /// <summary>The keys of the username and of as many words as a display name has room for.</summary>
    private const int MaxSearchKeys = 1 + (AccountRules.MaxDisplayNameCharacters / 2);

    /// <param name="id">The new account's id.</param>
    /// <param name="username">Its name.</param>
    /// <param name="email">Its e-mail address.</param>
    /// <param name="passwordHash">The hash of its password.</param>
    /// <param name="invitation">The invitation that it uses, if any; a refused registration uses none.</param>
    public Task<Registration> RegisterAsync(
        UserId id, string username, string email, string passwordHash, string? invitation = null)
    {
        var row = new
        {
            id,
            username,
            usernameKey = AccountRules.Key(username),
            email,
            emailKey = AccountRules.Key(email),
            passwordHash,
            now = clock.GetUtcNow(),
        };
        return writes.RunAsync(
            session =>
            {
                if (invitation is not null && !InvitationStore.Use(session, invitation, row.now))
                {
                    return Registration.InvitationInvalid;
                }

                if (session.Connection().Execute(
                    """
                    INSERT INTO users (id, username, username_key, email, email_key, password_hash, created_at)
                    VALUES (@id, @username, @usernameKey, @email, @emailKey, @passwordHash, @now)
                    ON CONFLICT DO NOTHING
                    """,
                    row) == 1)
                {
                    AddSearchKeys(session, id, [AccountRules.SearchKey(username)]);
                    return Registration.Created;
                }

                if (invitation is not null)
                {
                    InvitationStore.TakeBack(session, invitation);
                }

                return session.Connection().ExecuteScalar<bool>(
                    "SELECT EXISTS (SELECT 1 FROM users WHERE username_key = @usernameKey)", row)
                    ? Registration.UsernameTaken
                    : Registration.EmailTaken;
            },
            // Registrations of several servers that use the same invitations would otherwise deadlock.
            exclusive: invitation is not null);
    }

    public Task<Account?> FindByUsernameAsync(string username, CancellationToken cancellationToken) =>
        FindAsync("username_key = @key", new { key = AccountRules.Key(username) }, cancellationToken);

    public Task<Account?> FindByEmailAsync(string email, CancellationToken cancellationToken) =>
        FindAsync("email_key = @key", new { key = AccountRules.Key(email) }, cancellationToken);

    public Task<Account?> FindAsync(UserId id, CancellationToken cancellationToken) =>
        FindAsync("id = @id", new { id }, cancellationToken);

    /// <summary>Sets a password and ends the tokens of the user, except one.</summary>
    /// <returns><see langword="false"/> if the account got another password or was deleted after it was read.</returns>
    public Task<bool> ChangePasswordAsync(Account account, string passwordHash, Guid? keptToken)
    {
        var now = clock.GetUtcNow();
        return writes.RunAsync(session =>
        {
            var changed = SetHash(session, account, passwordHash);
            if (changed)
            {
                TokenStore.EndAllOf(session, account.Id, EndedToken.Ended, now, except: keptToken);
            }

            return changed;
        }, exclusive: true);
    }

    /// <summary>Replaces a hash by another one of the same password.</summary>
    /// <returns><see langword="false"/> if the account got another hash or was deleted after it was read.</returns>
    public Task<bool> RenewHashAsync(Account account, string passwordHash) =>
        writes.RunAsync(session => SetHash(session, account, passwordHash));

    /// <summary>The highest cost of the stored hashes (<c>$2a$11$…</c>).</summary>
    public Task<int?> HighestPasswordCostAsync(CancellationToken cancellationToken) => readers.ScalarAsync<int?>(
        "SELECT CAST(MAX(SUBSTR(password_hash, 5, 2)) AS INTEGER) FROM users", null, cancellationToken);

    public Task<Me?> MeAsync(UserId id, CancellationToken cancellationToken) => readers.SingleOrDefaultAsync<Me>(
        "SELECT id, username, display_name, email, created_at FROM users WHERE id = @id", new { id }, cancellationToken);

    public Task<User?> UserAsync(UserId id, CancellationToken cancellationToken) => readers.SingleOrDefaultAsync<User>(
        "SELECT id, username, display_name AS displayName FROM users WHERE id = @id", new { id }, cancellationToken);

    /// <param name="id">The user.</param>
    /// <param name="name">What others see from now on; <see langword="null"/> for the username.</param>
    /// <returns>The user, or <see langword="null"/> if it was deleted.</returns>
    public Task<Me?> SetDisplayNameAsync(UserId id, string? name) => writes.RunAsync(session =>
    {
        var changed = session.Connection().QuerySingleOrDefault<Me>(
            "UPDATE users SET display_name = @name WHERE id = @id RETURNING id, username, display_name, email, created_at",
            new { id, name });
        if (changed is not null)
        {
            session.Connection().Execute("DELETE FROM user_search WHERE user_id = @id", new { id });
            AddSearchKeys(session, id, AccountRules.SearchKeys(name ?? "").Prepend(AccountRules.SearchKey(changed.Username)));
        }

        return changed;
    });

    /// <summary>
    /// Enabled users whose usernames, or words of whose display names, start with the prefix, without regard to case and accents,
    /// in the order of what was found.
    /// </summary>
    public Task<IReadOnlyList<User>> SearchAsync(string prefix, int limit, CancellationToken cancellationToken)
    {
        var from = AccountRules.SearchKey(prefix);
        return readers.ListAsync<User>(
            """
            SELECT u.id, u.username, u.display_name AS displayName
            FROM (
                SELECT user_id, MIN(search_key) AS search_key
                FROM (
                    SELECT s.user_id, s.search_key FROM user_search s JOIN users ON users.id = s.user_id
                    WHERE s.search_key >= @from AND s.search_key < @to AND users.disabled_at IS NULL
                    ORDER BY s.search_key LIMIT @rows) AS first
                GROUP BY user_id) AS found
            JOIN users u ON u.id = found.user_id
            ORDER BY found.search_key, u.username_key
            LIMIT @limit
            """,
            new { from, to = from + AccountRules.AfterAllLetters, limit, rows = limit * MaxSearchKeys },
            cancellationToken);
    }

    /// <param name="identifier"><c>user:&lt;uuid&gt;</c>, a bare uuid, a username or an e-mail address.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async Task<UserId?> ResolveAsync(string identifier, CancellationToken cancellationToken) =>
        (await ResolveAsync([identifier], cancellationToken))[0];

    /// <summary>The same for many in one query.</summary>
    /// <returns>One entry per identifier, in their order; <see langword="null"/> for one that names no user.</returns>
    public async Task<IReadOnlyList<UserId?>> ResolveAsync(IReadOnlyList<string> identifiers, CancellationToken cancellationToken)
    {
        // Dapper takes no lists of custom types.
        byte[][] ids = [.. identifiers.Select(IdIn).OfType<UserId>().Distinct().Select(id => id.Value.ToBytes())];
        string[] keys = [.. identifiers.Where(identifier => IdIn(identifier) is null).Select(AccountRules.Key).Distinct()];
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        var found = (await connection.QueryAsync<(UserId Id, string UsernameKey, string EmailKey)>(new CommandDefinition(
            $"""
            SELECT id, username_key, email_key FROM users
            WHERE {connection.IsOneOf("id", "@ids")}
                OR {connection.IsOneOf("username_key", "@keys")} OR {connection.IsOneOf("email_key", "@keys")}
            """,
            new { ids, keys },
            cancellationToken: cancellationToken))).AsList();
        var byId = found.Select(user => user.Id).ToHashSet();
        // A username has letters only, so that it never equals an e-mail address.
        var byKey = found.SelectMany(user => new[] { (user.UsernameKey, user.Id), (user.EmailKey, user.Id) }).ToDictionary();
        return [.. identifiers.Select<string, UserId?>(identifier => IdIn(identifier) is { } id
            ? byId.Contains(id) ? id : null
            : byKey.TryGetValue(AccountRules.Key(identifier), out var user) ? user : null)];

        static UserId? IdIn(string identifier) => PrefixedId.TryParse<UserId>(identifier, out var id) ? id : null;
    }

    private static void AddSearchKeys(WriteSession session, UserId id, IEnumerable<string> keys) => session.Connection().Execute(
        "INSERT INTO user_search (search_key, user_id) VALUES (@key, @id)",
        keys.Distinct().Take(MaxSearchKeys).Select(key => new { key, id }));

    private static bool SetHash(WriteSession session, Account account, string passwordHash) => session.Connection().Execute(
        "UPDATE users SET password_hash = @passwordHash WHERE id = @Id AND password_hash = @old",
        new { account.Id, passwordHash, old = account.PasswordHash }) == 1;

    private Task<Account?> FindAsync(string which, object parameters, CancellationToken cancellationToken) =>
        readers.SingleOrDefaultAsync<Account>(
            $"SELECT id, username, password_hash, disabled_at IS NOT NULL AS is_disabled FROM users WHERE {which}",
            parameters,
            cancellationToken);
}
