using Chasqui.Server.Configuration;
using Chasqui.Server.Http;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Limits;

internal static class LimitServices
{
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
        services.AddSingleton(provider => ConnectionCapacity.Of(
            provider.GetRequiredService<IOptions<LimitOptions>>().Value, FileDescriptors.Limit()));
        services.AddSingleton<TcpConnectionLimit>();
        services.AddSingleton<IConnectionListenerFactory, LimitedListenerFactory>();
        services.AddHostedService<CapacityCheck>();
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<LimitOptions>>((kestrel, limits) =>
        {
            kestrel.Limits.MaxRequestBodySize = limits.Value.MaxBodyBytes;
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
            if (TransportEndpoint.Of(http) is null
                && http.Features.Get<IHttpMinResponseDataRateFeature>() is { } answer)
            {
                answer.MinDataRate = rate;
            }

            return next(http);
        });
    }
}
