using Chasqui.Server.Configuration;
using Chasqui.Server.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Chasqui.Server.Limits;

internal static class LimitServices
{
    private static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(5);

    public static IServiceCollection AddLimits(this IServiceCollection services)
    {
        services.AddValidatedOptions<LimitOptions>();
        services.AddRateLimiter(_ => { });
        services.AddSingleton<ConnectionLimit>();
        services.AddSingleton<TrustedProxies>();
        services.AddSingleton<UserAllowances>();
        services.AddSingleton(new MinDataRate(FixedLimits.MinReadBytesPerSecond, GracePeriod));
        services.AddSingleton(provider => ConnectionCapacity.Of(
            provider.GetRequiredService<IOptions<LimitOptions>>().Value, FileDescriptors.Limit()));
        services.AddSingleton<TcpConnectionLimit>();
        services.AddSingleton<MemoryBudget>();
        services.AddSingleton<CountedMemoryPoolFactory>();
        services.AddSingleton<IMemoryPoolFactory<byte>>(provider => provider.GetRequiredService<CountedMemoryPoolFactory>());
        services.AddSingleton<RequestQueue>();
        services.AddSingleton<RunningRequests>();
        services.AddSingleton<IConnectionListenerFactory, LimitedListenerFactory>();
        services.AddHostedService<CapacityCheck>();
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<LimitOptions>>((kestrel, limits) =>
        {
            kestrel.Limits.MaxRequestBodySize = limits.Value.MaxBodyBytes;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            // Longer than reverse proxies keep theirs, mostly 60 s: the side that closes first should not be the server.
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, GracePeriod);
            // What one connection may have sent that is not read yet: one body and the beginning of the next.
            kestrel.Limits.Http2.InitialConnectionWindowSize = 2 * FixedLimits.Http2StreamWindowBytes;
            kestrel.Limits.Http2.InitialStreamWindowSize = FixedLimits.Http2StreamWindowBytes;
            // Without the table a client has to send the headers that the server holds: with it a byte stands for thousands.
            kestrel.Limits.Http2.HeaderTableSize = 0;
            kestrel.Limits.Http2.MaxStreamsPerConnection = FixedLimits.Http2StreamsPerConnection;
        });
        return services;
    }

    public static void UseTrustedProxies(this WebApplication app) => app.Services.GetRequiredService<TrustedProxies>().Use(app);

    /// <summary>Before the pipeline reads anything of a request.</summary>
    public static void UseRunningRequests(this WebApplication app)
    {
        var requests = app.Services.GetRequiredService<RunningRequests>();
        app.Use(requests.ServeAsync);
    }

    /// <summary>
    /// Ends responses that are read too slowly. Not sockets: their backlog is limited in bytes, and a close code tells the client
    /// why.
    /// </summary>
    public static void UseReadingRate(this WebApplication app)
    {
        var rate = app.Services.GetRequiredService<MinDataRate>();
        app.Use((http, next) =>
        {
            if (TransportEndpoint.Of(http) is null && http.Features.Get<IHttpMinResponseDataRateFeature>() is { } response)
            {
                response.MinDataRate = rate;
            }

            return next(http);
        });
    }
}
