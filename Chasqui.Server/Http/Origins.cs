using Chasqui.Server.Errors;
using Microsoft.Net.Http.Headers;

namespace Chasqui.Server.Http;

internal static class Origins
{
    /// <summary>Lets the pages of the allowed origins call the REST API and the hub.</summary>
    public static void UseChatCors(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<CorsOptions>>().Value;
        var refused = app.Services.GetRequiredService<RefusedOrigins>();
        app.Use((http, next) =>
        {
            // Before CORS, which answers a preflight itself.
            if (Foreign(http, options) is { } origin)
            {
                refused.Log(origin, http.Request.Headers.Host);
            }

            return next(http);
        });
        app.UseCors(policy => policy.SetIsOriginAllowed(options.Allows).AllowAnyHeader().AllowAnyMethod().AllowCredentials()
            .WithExposedHeaders(HeaderNames.ETag));
    }

    /// <summary>
    /// Refuses handshakes from pages of other origins, raw and SignalR, before authentication: CORS does not hold for WebSockets.
    /// Tickets too, so that a page can read the reason: a browser hides the answer to a handshake. Programs other than browsers
    /// send no origin, and are let in.
    /// </summary>
    public static void UseOrigins(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<CorsOptions>>().Value;
        app.Use((http, next) => LeadsToSocket(http) && Foreign(http, options) is not null
            ? Refusal.Of(ErrorCodes.OriginNotAllowed).ExecuteAsync(http)
            : next(http));
    }

    private static bool LeadsToSocket(HttpContext http) =>
        TransportEndpoint.Of(http) is not null || http.GetEndpoint()?.Metadata.GetMetadata<TicketEndpoint>() is not null;

    /// <returns>The origin of the page, if it is neither allowed nor this server's own.</returns>
    private static string? Foreign(HttpContext http, CorsOptions options) =>
        http.Request.Headers.Origin.FirstOrDefault(origin => !options.Allows(origin!) && !IsOwn(origin!, http));

    /// <summary>Whether this server served the page, itself or through a proxy.</summary>
    private static bool IsOwn(string origin, HttpContext http)
    {
        if (!CorsOptions.TryParse(origin, out var page))
        {
            return false;
        }

        var isProxied = http.Features.Get<TrustedProxyFeature>() is not null;
        return IsOwn(page, http.Request.Headers.Host, isProxied)
            || (isProxied && http.Request.Headers["X-Forwarded-Host"].ToString().Split(',', StringSplitOptions.TrimEntries)
                .Any(host => IsOwn(page, host, isProxied)));
    }

    /// <summary>
    /// The scheme is not compared, since a proxy may have removed TLS. Nor is the port where a proxy hides it: a trusted one, or
    /// one that passes on the host alone (nginx: <c>Host $host</c>), since a browser always names a port that is not the default.
    /// So a page of another port of the same host can connect through such a proxy. It gains nothing by it: there are no
    /// cookies, a socket needs a token in its address, and the token of the chat page is in the storage of its own origin, port
    /// included. Without a proxy both ports are there, and must be equal.
    /// </summary>
    private static bool IsOwn(Uri page, string? hostHeader, bool isProxied)
    {
        // Not HttpRequest.Host: it decodes names such as xn--bcher-kva.example, and throws where it cannot.
        var host = new HostString(hostHeader ?? "");
        return (page.IdnHost.Equals(host.Host, StringComparison.OrdinalIgnoreCase)
                || page.Host.Equals(host.Host, StringComparison.OrdinalIgnoreCase)) // IdnHost has no brackets around IPv6.
            && (isProxied || host.Port is null || host.Port == page.Port);
    }
}
