using System.Threading.RateLimiting;
using Chasqui.Server.Errors;
using Chasqui.Server.FrameworkWorkarounds;
using Chasqui.Server.Http;
using Microsoft.AspNetCore.RateLimiting;

namespace Chasqui.Server.Limits;

/// <summary>
/// Limits the requests of an address and of a user: REST, handshakes, the hub's negotiation; and the concurrent requests of a
/// user.
/// </summary>
internal static class RequestLimiters
{
    /// <summary>The framework refills a bucket this often.</summary>
    private const int ReplenishmentMs = 100;

    /// <summary>Runs before authentication.</summary>
    public static void UseRequestLimitByAddress(this WebApplication app)
    {
        app.UseRequestLimit<IPAddress>(
            limits => limits.RequestsPer10sPerAddress,
            FixedLimits.TenSeconds,
            LimitErrors.TooManyRequests,
            (http, bucket) => RateLimitPartition.GetTokenBucketLimiter(ClientAddress.Of(http), bucket));
        app.UseRequestLimit<IPAddress>(
            limits => limits.RegistrationsPerHourPerAddress,
            TimeSpan.FromHours(1),
            LimitErrors.TooManyRegistrations,
            (http, bucket) => http.GetEndpoint()?.Metadata.GetMetadata<RegistrationEndpoint>() is null
                ? RateLimitPartition.GetNoLimiter(IPAddress.Any)
                : RateLimitPartition.GetTokenBucketLimiter(ClientAddress.Of(http), bucket));
    }

    /// <summary>Charges a body for its length before it is read; one that comes without a length, afterwards.</summary>
    public static void UseWorkLimit(this WebApplication app)
    {
        var allowances = app.Services.GetRequiredService<UserAllowances>();
        app.Use(async (http, next) =>
        {
            var hasBody = TransportEndpoint.Of(http) is null && CountsByUser(http)
                && http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;
            var work = hasBody ? allowances.Of(http.User.GetUserId())?.Work : null;
            if (work?.Take(Math.Max(1, (http.Request.ContentLength ?? 0) / FixedLimits.BytesPerWork)) is > 0 and var wait)
            {
                await Refusal.For(http, LimitErrors.TooMuchWork with { RetryAfterMs = wait }).ExecuteAsync(http);
                return;
            }

            try
            {
                await next(http);
            }
            finally
            {
                if (http.Request.ContentLength is null)
                {
                    work?.Charge((int)((http.Features.Get<CountedBody>()?.Bytes ?? 0) / FixedLimits.BytesPerWork));
                }
            }
        });
    }

    public static void UseRequestLimitByUser(this WebApplication app) => app.UseRequestLimit<UserId>(
        limits => limits.RequestsPer10sPerUser,
        FixedLimits.TenSeconds,
        LimitErrors.TooManyRequests,
        (http, bucket) => CountsByUser(http)
            ? RateLimitPartition.GetTokenBucketLimiter(http.User.GetUserId(), bucket)
            : RateLimitPartition.GetNoLimiter(default(UserId)),
        () => PartitionedRateLimiter.Create<HttpContext, UserId>(http => CountsByUser(http) && TransportEndpoint.Of(http) is null
            ? RateLimitPartition.GetConcurrencyLimiter(http.User.GetUserId(), _ => new ConcurrencyLimiterOptions
            {
                PermitLimit = FixedLimits.ConcurrentRequestsPerUser,
                QueueLimit = FixedLimits.WaitingRequestsPerUser,
            })
            : RateLimitPartition.GetNoLimiter(default(UserId))));

    /// <summary>
    /// Endpoints that end tokens do not count: a thief of a token could otherwise keep its owner from ending it.
    /// </summary>
    private static bool CountsByUser(HttpContext http) =>
        http.User.Identity?.IsAuthenticated == true && http.GetEndpoint()?.Metadata.GetMetadata<TokenEndingEndpoint>() is null;

    private static void UseRequestLimit<TKey>(
        this WebApplication app,
        Func<LimitOptions, int> max,
        TimeSpan period,
        Error refusal,
        Func<HttpContext, Func<TKey, TokenBucketRateLimiterOptions>, RateLimitPartition<TKey>> partition,
        Func<PartitionedRateLimiter<HttpContext>>? concurrency = null)
        where TKey : notnull
    {
        var limits = app.Services.GetRequiredService<IOptions<LimitOptions>>().Value;
        if (!limits.Enabled)
        {
            return;
        }

        var bucket = new TokenBucketRateLimiterOptions
        {
            TokenLimit = max(limits),
            TokensPerPeriod = 1,
            ReplenishmentPeriod = period / max(limits),
            QueueLimit = 0,
        };
        var rate = PartitionedRateLimiter.Create<HttpContext, TKey>(http => partition(http, _ => bucket));
        app.UseRateLimiter(new RateLimiterOptions
        {
            GlobalLimiter = concurrency is null ? rate : PartitionedRateLimiter.CreateChained(concurrency(), rate),
            OnRejected = async (rejected, _) =>
            {
                rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait);
                if (typeof(TKey) == typeof(IPAddress))
                {
                    // A client that goes on regardless pays for a connection each time.
                    rejected.HttpContext.CloseAfterAnswer();
                }

                var error = refusal with { RetryAfterMs = Math.Max((int)wait.TotalMilliseconds, ReplenishmentMs) };
                await Refusal.For(rejected.HttpContext, error).ExecuteAsync(rejected.HttpContext);
            },
        });
    }
}

/// <summary>Marks the endpoint that creates accounts.</summary>
internal sealed record RegistrationEndpoint;

/// <summary>Marks endpoints that end tokens.</summary>
internal sealed record TokenEndingEndpoint;
