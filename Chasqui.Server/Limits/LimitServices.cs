using Chasqui.Server.Accounts;
using Chasqui.Server.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Limits;

internal static class LimitServices
{
    /// <summary>
    /// TCP connections beside those of the chat, so that idle ones cannot take all memory. WebSockets are not among them
    /// once they are open.
    /// </summary>
    private const int MaxOtherConnections = 5_000;

    private static readonly TimeSpan RequestHeadersTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Longer than reverse proxies keep theirs (60 s, mostly): whoever closes first should not be the server.</summary>
    private static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(75);

    private static readonly TimeSpan ReadingGracePeriod = TimeSpan.FromSeconds(5);

    public static IServiceCollection AddLimits(this IServiceCollection services)
    {
        services.AddValidatedOptions<LimitOptions>();
        services.AddRateLimiter(_ => { });
        services.AddSingleton<ConnectionLimit>();
        services.AddSingleton<TrustedProxies>();
        services.AddSingleton<UserAllowances>();
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<LimitOptions>>((kestrel, limits) =>
        {
            kestrel.Limits.MaxRequestBodySize = limits.Value.MaxBodyBytes;
            kestrel.Limits.MaxConcurrentConnections = limits.Value.MaxConnections + MaxOtherConnections;
            kestrel.Limits.RequestHeadersTimeout = RequestHeadersTimeout;
            kestrel.Limits.KeepAliveTimeout = KeepAliveTimeout;
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        });
        return services;
    }

    public static void UseTrustedProxies(this WebApplication app) => app.Services.GetRequiredService<TrustedProxies>().Use(app);

    /// <summary>
    /// Ends answers that are read too slowly. Sockets are left out: what waits for them is counted in bytes, and they are
    /// told why they are closed.
    /// </summary>
    public static void UseReadingRate(this WebApplication app)
    {
        var limits = app.Services.GetRequiredService<IOptions<LimitOptions>>().Value;
        var rate = new MinDataRate(limits.MinReadBytesPerSecond, ReadingGracePeriod);
        app.Use((http, next) =>
        {
            if (http.GetEndpoint()?.Metadata.GetMetadata<SocketDoor>() is null
                && http.Features.Get<IHttpMinResponseDataRateFeature>() is { } answer)
            {
                answer.MinDataRate = rate;
            }

            return next(http);
        });
    }

    /// <summary>Refuses connections past their number, on both doors, once it is known whose they are.</summary>
    public static void UseConnectionLimit(this WebApplication app)
    {
        var limit = app.Services.GetRequiredService<ConnectionLimit>();
        app.UseWhen(
            OpensConnection,
            doors => doors.Use((http, next) => limit.ServeAsync(http, () => next(http))));
    }

    /// <summary>Not the hub's negotiation, and not what long polling posts.</summary>
    private static bool OpensConnection(HttpContext http) =>
        (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsConnect(http.Request.Method))
        && http.GetEndpoint()?.Metadata.GetMetadata<SocketDoor>() is not null;
}
