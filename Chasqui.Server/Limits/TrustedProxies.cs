using Chasqui.Server.Http;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Chasqui.Server.Limits;

/// <summary>Takes the client's address and scheme from trusted proxies only: any client can write such a header.</summary>
internal sealed partial class TrustedProxies(IOptions<LimitOptions> options, ILogger<TrustedProxies> logger)
{
    private readonly IPNetwork[] _networks = [.. options.Value.TrustedProxies.Select(ClientAddress.ParseNetwork).OfType<IPNetwork>()];
    private int _warned;

    public void Use(WebApplication app)
    {
        app.Use((http, next) =>
        {
            if (_networks.Length > 0 && http.Connection.RemoteIpAddress is { } proxy && Trust(proxy))
            {
                http.Features.Set(TrustedProxyFeature.Instance);
            }
            else if (_warned == 0 && http.Request.Headers.ContainsKey(ForwardedHeadersDefaults.XForwardedForHeaderName)
                && Interlocked.Exchange(ref _warned, 1) == 0)
            {
                NotTrusted(logger, http.Connection.RemoteIpAddress);
            }

            return next(http);
        });
        // Without a known proxy the framework believes every client.
        if (_networks.Length > 0)
        {
            app.UseForwardedHeaders(Forwarding());
        }
    }

    public bool Trust(IPAddress address) => _networks.Any(network => network.Contains(ClientAddress.Fold(address)));

    private ForwardedHeadersOptions Forwarding()
    {
        var forwarding = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            // From proxy to proxy, as long as each is trusted; what a client wrote comes after its own address.
            ForwardLimit = null,
        };
        forwarding.KnownProxies.Clear();
        forwarding.KnownIPNetworks.Clear();
        foreach (var network in _networks)
        {
            forwarding.KnownIPNetworks.Add(network);
        }

        return forwarding;
    }

    [LoggerMessage(1, LogLevel.Warning, "A request from {Address} carries X-Forwarded-For, which is not believed. If a reverse proxy of "
        + "yours is there, put its address into Limits:TrustedProxies; until then all its clients share the limits of one address")]
    private static partial void NotTrusted(ILogger logger, IPAddress? address);
}
