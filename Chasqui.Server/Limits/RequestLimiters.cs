using System.Net;
using System.Threading.RateLimiting;
using Chasqui.Protocol;
using Chasqui.Server.Accounts;
using Chasqui.Server.Errors;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Limits;

/// <summary>
/// How many requests an address and a user may make, whatever they ask for: REST, handshakes, the hub's negotiation; and how
/// many of one user are under way at once.
/// </summary>
internal static class RequestLimiters
{
    /// <summary>How often the framework gives back what was used.</summary>
    private const int ReplenishmentMs = 100;

    /// <summary>
    /// How many more of one user wait for their turn, each with the memory of a request: a client that asks for everything
    /// when it starts is served, only not at once.
    /// </summary>
    private const int WaitingPerUser = 32;

    /// <summary>By address, before anybody looks at the token.</summary>
    public static void UseRequestLimitByAddress(this WebApplication app) => app.UseRequestLimit<IPAddress>(
        limits => limits.RequestsPer10sPerAddress,
        (http, bucket) => RateLimitPartition.GetTokenBucketLimiter(ClientAddress.Of(http), bucket),
        limits => null);

    /// <summary>By user, wherever they are.</summary>
    public static void UseRequestLimitByUser(this WebApplication app) => app.UseRequestLimit<UserId>(
        limits => limits.RequestsPer10sPerUser,
        (http, bucket) => http.User.Identity?.IsAuthenticated == true
            ? RateLimitPartition.GetTokenBucketLimiter(http.User.GetUserId(), bucket)
            : RateLimitPartition.GetNoLimiter(default(UserId)),
        AtOnce);

    /// <summary>What is asked for is held in memory until it has been read, by slow readers too. Sockets live long, and count elsewhere.</summary>
    private static PartitionedRateLimiter<HttpContext> AtOnce(LimitOptions limits)
    {
        var atOnce = new ConcurrencyLimiterOptions { PermitLimit = limits.RequestsAtOncePerUser, QueueLimit = WaitingPerUser };
        return PartitionedRateLimiter.Create<HttpContext, UserId>(http =>
            http.User.Identity?.IsAuthenticated == true && SocketDoor.Of(http) is null
                ? RateLimitPartition.GetConcurrencyLimiter(http.User.GetUserId(), _ => atOnce)
                : RateLimitPartition.GetNoLimiter(default(UserId)));
    }

    private static void UseRequestLimit<TKey>(
        this WebApplication app,
        Func<LimitOptions, int> per10s,
        Func<HttpContext, Func<TKey, TokenBucketRateLimiterOptions>, RateLimitPartition<TKey>> partition,
        Func<LimitOptions, PartitionedRateLimiter<HttpContext>?> first)
        where TKey : notnull
    {
        var limits = app.Services.GetRequiredService<IOptions<LimitOptions>>().Value;
        if (!limits.Enabled)
        {
            return;
        }

        var bucket = new TokenBucketRateLimiterOptions
        {
            TokenLimit = per10s(limits),
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromSeconds(10) / per10s(limits),
            QueueLimit = 0,
        };
        var rate = PartitionedRateLimiter.Create<HttpContext, TKey>(http => partition(http, _ => bucket));
        app.UseRateLimiter(new RateLimiterOptions
        {
            GlobalLimiter = first(limits) is { } before ? PartitionedRateLimiter.CreateChained(before, rate) : rate,
            OnRejected = RefuseAsync,
        });
    }

    private static async ValueTask RefuseAsync(OnRejectedContext rejected, CancellationToken cancellationToken)
    {
        rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait);
        var error = LimitErrors.TooManyRequests with { RetryAfterMs = Math.Max((int)wait.TotalMilliseconds, ReplenishmentMs) };
        await Refusal.For(rejected.HttpContext, error).ExecuteAsync(rejected.HttpContext);
    }
}
