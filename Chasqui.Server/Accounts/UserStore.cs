using System.Data.Common;
using Chasqui.Protocol;
using Chasqui.Server.Storage;
using Dapper;

namespace Chasqui.Server.Accounts;

/// <summary>An account that can log in.</summary>
internal sealed record Account
{
    public UserId Id { get; init; }

    public required string Username { get; init; }

    public required string PasswordHash { get; init; }
}

internal enum Registration
{
    Created,
    UsernameTaken,
    EmailTaken,
}

/// <summary>The accounts.</summary>
internal sealed class UserStore(DbDataSource readers, WriteQueue writes, TimeProvider clock)
{
    public Task<Registration> RegisterAsync(UserId id, string username, string email, string passwordHash)
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
        return writes.RunAsync(session =>
        {
            if (session.Connection.Execute("""
                INSERT INTO users (id, username, username_key, email, email_key, password_hash, created_at)
                VALUES (@id, @username, @usernameKey, @email, @emailKey, @passwordHash, @now)
                ON CONFLICT DO NOTHING
                """, row) == 1)
            {
                return Registration.Created;
            }

            return session.Connection.ExecuteScalar<bool>(
                "SELECT EXISTS (SELECT 1 FROM users WHERE username_key = @usernameKey)", row)
                ? Registration.UsernameTaken
                : Registration.EmailTaken;
        });
    }

    /// <summary>Replaces a hash of the same password, unless the password has been changed meanwhile.</summary>
    public Task RehashAsync(UserId id, string oldHash, string newHash) => writes.RunAsync(session => session.Connection.Execute(
        "UPDATE users SET password_hash = @newHash WHERE id = @id AND password_hash = @oldHash", new { id, oldHash, newHash }));

    /// <summary>The highest work factor among the stored hashes (<c>$2a$11$…</c>), if there are any.</summary>
    public async Task<int?> HighestPasswordCostAsync(CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<int?>(new CommandDefinition(
            "SELECT CAST(MAX(SUBSTR(password_hash, 5, 2)) AS INTEGER) FROM users", cancellationToken: cancellationToken));
    }

    public async Task<bool> ExistsAsync(UserId id, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT 1 FROM users WHERE id = @id)", new { id }, cancellationToken: cancellationToken));
    }

    public async Task<Account?> FindByUsernameAsync(string username, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<Account>(new CommandDefinition(
            "SELECT id, username, password_hash FROM users WHERE username_key = @key",
            new { key = AccountRules.Key(username) },
            cancellationToken: cancellationToken));
    }

    public async Task<Account?> FindByEmailAsync(string email, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<Account>(new CommandDefinition(
            "SELECT id, username, password_hash FROM users WHERE email_key = @key",
            new { key = AccountRules.Key(email) },
            cancellationToken: cancellationToken));
    }

    /// <summary>Finds who an identifier names: <c>user:&lt;uuid&gt;</c>, a bare uuid, a username or an e-mail address.</summary>
    public async Task<UserId?> ResolveAsync(string identifier, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return PrefixedId.TryParse<UserId>(identifier, out var id)
            ? await connection.QuerySingleOrDefaultAsync<UserId?>(new CommandDefinition(
                "SELECT id FROM users WHERE id = @id", new { id }, cancellationToken: cancellationToken))
            : await connection.QuerySingleOrDefaultAsync<UserId?>(new CommandDefinition(
                "SELECT id FROM users WHERE username_key = @key OR email_key = @key",
                new { key = AccountRules.Key(identifier) },
                cancellationToken: cancellationToken));
    }
}
