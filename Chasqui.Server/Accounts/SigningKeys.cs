using System.Data.Common;
using System.Security.Cryptography;
using Chasqui.Server.Configuration;
using Chasqui.Server.Storage;
using Dapper;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Chasqui.Server.Accounts;

/// <summary>
/// The keys of the tokens: one signs, and the one before it still verifies, so that a key can be changed without throwing
/// anybody out. They are configured, or the server makes its own and keeps them in the database, where every server of the
/// same database finds them.
/// </summary>
internal sealed class SigningKeys(IOptions<AccountOptions> options, DbDataSource readers, WriteQueue writes, TimeProvider clock)
{
    private const int KeyBytes = 32;

    /// <summary>How long a new key waits before it signs: by then every server has read it (see <see cref="TokenExpiryService"/>).</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    private Key[] _keys = [.. new[] { options.Value.SigningKey, options.Value.PreviousSigningKey }
        .OfType<string>()
        .Select(key => Key.Of(Convert.FromBase64String(key), DateTimeOffset.MinValue))];

    /// <summary>Whether the keys are the operator's, and none of the server's business.</summary>
    public bool AreConfigured { get; } = options.Value.SigningKey is not null;

    /// <summary>The key that signs.</summary>
    public SecurityKey Current
    {
        get
        {
            var now = clock.GetUtcNow();
            // One that is still to be made is from before the clock was set back.
            return (Array.Find(_keys, key => key.CreatedAt <= now - Settling || key.CreatedAt > now) ?? _keys[^1]).Security;
        }
    }

    /// <summary>The key that a token says it was signed with, if it is one that counts.</summary>
    public SecurityKey? Find(string kid) => Array.Find(_keys, key => key.Kid == kid)?.Security;

    /// <summary>Makes the first key, where there is none, and reads what there is.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        if (_keys.Length > 0)
        {
            return;
        }

        try
        {
            await writes.RunAsync(session =>
            {
                // Another server of the same database may have been faster.
                if (session.Connection.ExecuteScalar<long>("SELECT COUNT(*) FROM signing_keys") == 0)
                {
                    Insert(session, clock.GetUtcNow());
                }

                return true;
            }, exclusive: true);
        }
        catch (WriteRefusedException e)
        {
            throw new StartupException($"The key that signs the tokens cannot be stored: {e.InnerException?.Message ?? e.Message}");
        }

        await ReadAsync(cancellationToken);
    }

    /// <summary>Reads the keys anew: another server, or the command line, may have changed them.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        if (AreConfigured)
        {
            return;
        }

        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            "SELECT key, created_at FROM signing_keys ORDER BY position DESC", cancellationToken: cancellationToken));
        _keys = [.. rows.Select(row => Key.Of(row.Key, row.CreatedAt))];
    }

    /// <summary>
    /// Makes a new key. The one that signed until now goes on verifying; what is older is dropped, and so are the tokens that
    /// were signed with it.
    /// </summary>
    /// <param name="endTokens">Whether good tokens may be ended by it.</param>
    public Task<Rotation> RotateAsync(bool endTokens) => writes.RunAsync(session =>
    {
        var now = clock.GetUtcNow();
        var connection = session.Connection;
        string[] kids = [.. connection.Query<string>("SELECT kid FROM signing_keys ORDER BY position DESC")];
        string[] dropped = [.. kids.Skip(1)];
        if (connection.ExecuteScalar<bool>(
            $"SELECT EXISTS (SELECT 1 FROM tokens WHERE NOT ({connection.IsOneOf("kid", "@kids")}) AND expires_at > @now)",
            new { kids, now }))
        {
            return new Rotation(RotationStatus.ConfiguredElsewhere, 0);
        }

        var good = connection.ExecuteScalar<int>(
            $"SELECT COUNT(*) FROM tokens WHERE {connection.IsOneOf("kid", "@dropped")} AND expires_at > @now", new { dropped, now });
        if (good > 0 && !endTokens)
        {
            return new Rotation(RotationStatus.WouldEndTokens, good);
        }

        TokenStore.EndSignedWith(session, dropped, now);
        connection.Execute($"DELETE FROM signing_keys WHERE {connection.IsOneOf("kid", "@dropped")}", new { dropped });
        Insert(session, now);
        return new Rotation(RotationStatus.Done, good);
    }, exclusive: true);

    /// <summary>Makes a new key and ends every token, whatever it was signed with: no old key verifies any longer.</summary>
    public Task<Rotation> ReplaceAsync() => writes.RunAsync(session =>
    {
        var now = clock.GetUtcNow();
        var ended = TokenStore.EndAll(session, now);
        session.Connection.Execute("DELETE FROM signing_keys");
        Insert(session, now);
        return new Rotation(RotationStatus.Done, ended);
    }, exclusive: true);

    private static void Insert(WriteSession session, DateTimeOffset now)
    {
        var key = RandomNumberGenerator.GetBytes(KeyBytes);
        session.Command(
            "INSERT INTO signing_keys (kid, key, created_at) VALUES (@kid, @key, @now)",
            ["@kid", "@key", "@now"],
            Key.KidOf(key),
            key,
            now.ToUnixTimeMilliseconds()).ExecuteNonQuery();
    }

    private sealed record Row
    {
        public required byte[] Key { get; init; }

        public DateTimeOffset CreatedAt { get; init; }
    }

    private sealed record Key(string Kid, SecurityKey Security, DateTimeOffset CreatedAt)
    {
        public static Key Of(byte[] key, DateTimeOffset createdAt)
        {
            var kid = KidOf(key);
            return new Key(kid, new SymmetricSecurityKey(key) { KeyId = kid }, createdAt);
        }

        /// <summary>Eight bytes of the key's hash: they tell two keys apart, and nothing of the key.</summary>
        public static string KidOf(byte[] key) => Convert.ToHexStringLower(SHA256.HashData(key).AsSpan(0, 8));
    }
}

internal enum RotationStatus
{
    Done,

    /// <summary>Nothing was changed: good tokens would have ended.</summary>
    WouldEndTokens,

    /// <summary>Nothing was changed: the server signs with a key of its configuration, which this process does not have.</summary>
    ConfiguredElsewhere,
}

/// <param name="Status">What became of it.</param>
/// <param name="Tokens">How many good tokens were ended by it, or would have been.</param>
internal readonly record struct Rotation(RotationStatus Status, int Tokens);
