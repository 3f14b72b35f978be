using System.Net;
using System.Threading.RateLimiting;
using Chasqui.Protocol;
using Chasqui.Server.Errors;
using Chasqui.Server.Http;
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

    private static readonly TimeSpan TenSeconds = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many more of one user wait for their turn, each with the memory of a request: a client that asks for everything
    /// when it starts is served, only not at once.
    /// </summary>
    private const int WaitingPerUser = 32;

    /// <summary>By address, before anybody looks at the token.</summary>
    public static void UseRequestLimitByAddress(this WebApplication app)
    {
        app.UseRequestLimit<IPAddress>(
            limits => limits.RequestsPer10sPerAddress,
            TenSeconds,
            LimitErrors.TooManyRequests,
            (http, bucket) => RateLimitPartition.GetTokenBucketLimiter(ClientAddress.Of(http), bucket));
        app.UseRequestLimit<IPAddress>(
            limits => limits.RegistrationsPerHourPerAddress,
            TimeSpan.FromHours(1),
            LimitErrors.TooManyRegistrations,
            (http, bucket) => http.GetEndpoint()?.Metadata.GetMetadata<Registers>() is null
                ? RateLimitPartition.GetNoLimiter(IPAddress.Any)
                : RateLimitPartition.GetTokenBucketLimiter(ClientAddress.Of(http), bucket));
    }

    /// <summary>By user, wherever they are.</summary>
    public static void UseRequestLimitByUser(this WebApplication app) => app.UseRequestLimit<UserId>(
        limits => limits.RequestsPer10sPerUser,
        TenSeconds,
        LimitErrors.TooManyRequests,
        (http, bucket) => CountsByUser(http)
            ? RateLimitPartition.GetTokenBucketLimiter(http.User.GetUserId(), bucket)
            : RateLimitPartition.GetNoLimiter(default(UserId)),
        AtOnce);

    /// <summary>What is asked for is held in memory until it has been read, by slow readers too. Sockets live long, and count elsewhere.</summary>
    private static PartitionedRateLimiter<HttpContext> AtOnce(LimitOptions limits)
    {
        var atOnce = new ConcurrencyLimiterOptions { PermitLimit = limits.RequestsAtOncePerUser, QueueLimit = WaitingPerUser };
        return PartitionedRateLimiter.Create<HttpContext, UserId>(http =>
            CountsByUser(http) && TransportEndpoint.Of(http) is null
                ? RateLimitPartition.GetConcurrencyLimiter(http.User.GetUserId(), _ => atOnce)
                : RateLimitPartition.GetNoLimiter(default(UserId)));
    }

    /// <summary>What ends a token is left to the limits by address: whoever stole one could keep its owner from ending it.</summary>
    private static bool CountsByUser(HttpContext http) =>
        http.User.Identity?.IsAuthenticated == true && http.GetEndpoint()?.Metadata.GetMetadata<EndsTokens>() is null;

    private static void UseRequestLimit<TKey>(
        this WebApplication app,
        Func<LimitOptions, int> most,
        TimeSpan period,
        Error refusal,
        Func<HttpContext, Func<TKey, TokenBucketRateLimiterOptions>, RateLimitPartition<TKey>> partition,
        Func<LimitOptions, PartitionedRateLimiter<HttpContext>>? first = null)
        where TKey : notnull
    {
        var limits = app.Services.GetRequiredService<IOptions<LimitOptions>>().Value;
        if (!limits.Enabled)
        {
            return;
        }

        var bucket = new TokenBucketRateLimiterOptions
        {
            TokenLimit = most(limits),
            TokensPerPeriod = 1,
            ReplenishmentPeriod = period / most(limits),
            QueueLimit = 0,
        };
        var rate = PartitionedRateLimiter.Create<HttpContext, TKey>(http => partition(http, _ => bucket));
        app.UseRateLimiter(new RateLimiterOptions
        {
            GlobalLimiter = first is null ? rate : PartitionedRateLimiter.CreateChained(first(limits), rate),
            OnRejected = (rejected, _) => RefuseAsync(rejected, refusal),
        });
    }

    private static async ValueTask RefuseAsync(OnRejectedContext rejected, Error refusal)
    {
        rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait);
        var error = refusal with { RetryAfterMs = Math.Max((int)wait.TotalMilliseconds, ReplenishmentMs) };
        await Refusal.For(rejected.HttpContext, error).ExecuteAsync(rejected.HttpContext);
    }
}

/// <summary>Marks the endpoint that makes accounts.</summary>
internal sealed record Registers;

/// <summary>Marks endpoints that end tokens.</summary>
internal sealed record EndsTokens;
