using Chasqui.Server.Configuration;
using Chasqui.Server.Storage;
using Microsoft.IdentityModel.Tokens;

namespace Chasqui.Server.Accounts;

/// <summary>
/// The keys of the tokens: one signs, and the previous one still verifies, so that a change of the key ends no token. They are
/// configured, or the server creates them in the database, where all its servers find them.
/// </summary>
internal sealed class SigningKeys(IOptions<AccountOptions> options, DbDataSource readers, WriteQueue writes, TimeProvider clock)
{
    private const int KeyBytes = 32;

    /// <summary>
    /// How long a new key waits before it signs, so that all servers know it (see <see cref="TokenRevocationService"/>).
    /// </summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    private Key[] _keys = [.. new[] { options.Value.SigningKey, options.Value.PreviousSigningKey }
        .OfType<string>()
        .Select(key => Key.Of(Convert.FromBase64String(key), DateTimeOffset.MinValue))];

    public bool AreConfigured { get; } = options.Value.SigningKey is not null;

    /// <summary>The key that signs.</summary>
    public SecurityKey Current
    {
        get
        {
            var now = clock.GetUtcNow();
            // A key from the future was created before the clock was set back.
            return (Array.Find(_keys, key => key.CreatedAt <= now - Settling || key.CreatedAt > now) ?? _keys[^1]).Security;
        }
    }

    public SecurityKey? Find(string kid) => Array.Find(_keys, key => key.Kid == kid)?.Security;

    /// <summary>Reads the keys, and creates the first one if there is none.</summary>
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
                // Another server may have created one at the same time.
                if (session.Connection().ExecuteScalar<long>("SELECT COUNT(*) FROM signing_keys") == 0)
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

    /// <summary>Reads the keys again: another server or the command line may have changed them.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        if (AreConfigured)
        {
            return;
        }

        var rows = await readers.ListAsync<Row>("SELECT key, created_at FROM signing_keys ORDER BY position DESC", null, cancellationToken);
        _keys = [.. rows.Select(row => Key.Of(row.Key, row.CreatedAt))];
    }

    /// <summary>
    /// Creates a new key. The current one still verifies; older ones are deleted with the tokens that they signed.
    /// </summary>
    /// <param name="endTokens">Whether valid tokens may end.</param>
    public Task<Rotation> RotateAsync(bool endTokens) => writes.RunAsync(session =>
    {
        var now = clock.GetUtcNow();
        var connection = session.Connection();
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

    /// <summary>Creates a new key, and deletes all others with all tokens.</summary>
    public Task<Rotation> ReplaceAsync() => writes.RunAsync(session =>
    {
        var now = clock.GetUtcNow();
        var ended = TokenStore.EndAll(session, now);
        session.Connection().Execute("DELETE FROM signing_keys");
        Insert(session, now);
        return new Rotation(RotationStatus.Done, ended);
    }, exclusive: true);

    private static void Insert(WriteSession session, DateTimeOffset now)
    {
        var key = RandomNumberGenerator.GetBytes(KeyBytes);
        session.Connection().Execute(
            "INSERT INTO signing_keys (kid, key, created_at) VALUES (@kid, @key, @now)", new { kid = Key.KidOf(key), key, now });
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

        /// <summary>Eight bytes of the key's hash: they identify the key and do not reveal it.</summary>
        public static string KidOf(byte[] key) => Convert.ToHexStringLower(SHA256.HashData(key).AsSpan(0, 8));
    }
}

internal enum RotationStatus
{
    Done,

    /// <summary>Nothing was changed: valid tokens would have ended.</summary>
    WouldEndTokens,

    /// <summary>Nothing was changed: the server signs with a configured key, which this process does not have.</summary>
    ConfiguredElsewhere,
}

/// <param name="Status">The result.</param>
/// <param name="Tokens">How many valid tokens ended, or would have ended.</param>
internal readonly record struct Rotation(RotationStatus Status, int Tokens);
