using Chasqui.Server.Storage;

namespace Chasqui.Server.Accounts;

/// <summary>One login of the caller: a client, with the tokens that it has renewed.</summary>
internal sealed record LoginSession
{
    /// <summary>Its id, a bare uuid.</summary>
    public Guid Id { get; init; }

    /// <summary>When the client logged in.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the client last made a call or had a socket open, to about a minute.</summary>
    public DateTimeOffset LastSeenAt { get; init; }

    /// <summary>The client's address at the login or the last renewal; of IPv6 the network of 64 bits.</summary>
    public string? Address { get; init; }

    /// <summary>The <c>User-Agent</c> of the client, at most 256 characters.</summary>
    public string? UserAgent { get; init; }

    /// <summary>Whether the token of this call belongs to it.</summary>
    public bool Current { get; init; }
}

/// <summary>Sessions as their users see them. <see cref="TokenStore"/> begins and ends them.</summary>
internal sealed class SessionStore(DbDataSource readers, WriteQueue writes, TimeProvider clock)
{
    /// <summary>Messages must not wait for a long write.</summary>
    private const int MaxSeenPerWrite = 500;

    private const int MaxListed = 100;

    /// <summary>The sessions of a user, the current one and then the one that was seen last first; at most 100.</summary>
    public Task<IReadOnlyList<LoginSession>> ListAsync(UserId user, Guid token, CancellationToken cancellationToken) =>
        readers.ListAsync<LoginSession>(
            """
            SELECT id, created_at, last_seen_at, address, user_agent,
                id = (SELECT session_id FROM tokens WHERE id = @token) AS current
            FROM sessions
            WHERE user_id = @user AND EXISTS (SELECT 1 FROM tokens WHERE session_id = sessions.id AND expires_at > @now)
            ORDER BY current DESC, last_seen_at DESC, id DESC LIMIT @max
            """,
            new { user, token, now = clock.GetUtcNow(), max = MaxListed },
            cancellationToken);

    /// <summary>Stores that the sessions of these tokens were seen now.</summary>
    public async Task SeenAsync(IEnumerable<Guid> tokens)
    {
        var now = clock.GetUtcNow();
        foreach (var ids in tokens.Select(token => token.ToBytes()).Chunk(MaxSeenPerWrite))
        {
            await writes.RunAsync(session => session.Connection().Execute(
                $"""
                UPDATE sessions SET last_seen_at = @now
                WHERE id IN (SELECT session_id FROM tokens WHERE {session.Connection().IsOneOf("id", "@ids")})
                """,
                new { now, ids }),
                // Two servers would lock the rows in different orders.
                exclusive: true);
        }
    }
}
