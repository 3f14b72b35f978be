using System.Net;
using System.Threading.RateLimiting;
using Chasqui.Protocol;
using Chasqui.Server.Accounts;
using Chasqui.Server.Errors;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Limits;

/// <summary>How many requests an address and a user may make, whatever they ask for: REST, handshakes, the hub's negotiation.</summary>
internal static class RequestLimiters
{
    /// <summary>How often the framework gives back what was used.</summary>
    private const int ReplenishmentMs = 100;

    private static readonly TimeSpan TenSeconds = TimeSpan.FromSeconds(10);

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
        (http, bucket) => http.User.Identity?.IsAuthenticated == true
            ? RateLimitPartition.GetTokenBucketLimiter(http.User.GetUserId(), bucket)
            : RateLimitPartition.GetNoLimiter(default(UserId)));

    private static void UseRequestLimit<TKey>(
        this WebApplication app,
        Func<LimitOptions, int> most,
        TimeSpan period,
        Error refusal,
        Func<HttpContext, Func<TKey, TokenBucketRateLimiterOptions>, RateLimitPartition<TKey>> partition)
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
        app.UseRateLimiter(new RateLimiterOptions
        {
            GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, TKey>(http => partition(http, _ => bucket)),
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
