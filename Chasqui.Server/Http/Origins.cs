using Chasqui.Protocol;
using Chasqui.Server.Errors;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Http;

internal static class Origins
{
    /// <summary>
    /// Refuses web pages that are not allowed to connect, at both doors and before anybody looks at their token: CORS does
    /// not hold for WebSockets. Programs other than browsers send no origin, and are let in.
    /// </summary>
    public static void UseOrigins(this WebApplication app)
    {
        var cors = app.Services.GetRequiredService<IOptions<CorsOptions>>().Value;
        app.Use((http, next) =>
            TransportEndpoint.Of(http) is null
            || http.Request.Headers.Origin.All(origin => cors.Allows(origin!) || IsOwn(origin!, http.Request.Headers.Host))
                ? next(http)
                : Refusal.Of(ErrorCodes.OriginNotAllowed).ExecuteAsync(http));
    }

    /// <summary>Whether a page comes from this server. A proxy may have taken TLS off, so the scheme is not compared.</summary>
    private static bool IsOwn(string origin, string? hostHeader)
    {
        // Read here: the framework's own reading decodes names such as xn--bcher-kva.example, and throws where it cannot.
        var host = new HostString(hostHeader ?? "");
        return CorsOptions.TryParse(origin, out var uri)
            && (uri.IdnHost.Equals(host.Host, StringComparison.OrdinalIgnoreCase)
                || uri.Host.Equals(host.Host, StringComparison.OrdinalIgnoreCase)) // IdnHost has no brackets around IPv6.
            && (host.Port is { } port ? port == uri.Port : uri.IsDefaultPort);
    }
}
