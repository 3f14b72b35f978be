using Chasqui.Server.Errors;

namespace Chasqui.Server.Http;

internal static class Origins
{
    /// <summary>Lets the pages of the allowed origins call the REST API and the hub.</summary>
    public static void UseChatCors(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<CorsOptions>>().Value;
        app.UseCors(policy => policy.SetIsOriginAllowed(options.Allows).AllowAnyHeader().AllowAnyMethod().AllowCredentials());
    }

    /// <summary>
    /// Refuses handshakes from pages of other origins, raw and SignalR, before authentication: CORS does not hold for WebSockets.
    /// Programs other than browsers send no origin, and are let in.
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

    /// <summary>Whether a page comes from this server. The scheme is not compared, since a proxy may have removed TLS.</summary>
    private static bool IsOwn(string origin, string? hostHeader)
    {
        // Not HttpRequest.Host: it decodes names such as xn--bcher-kva.example, and throws where it cannot.
        var host = new HostString(hostHeader ?? "");
        return CorsOptions.TryParse(origin, out var uri)
            && (uri.IdnHost.Equals(host.Host, StringComparison.OrdinalIgnoreCase)
                || uri.Host.Equals(host.Host, StringComparison.OrdinalIgnoreCase)) // IdnHost has no brackets around IPv6.
            && (host.Port is { } port ? port == uri.Port : uri.IsDefaultPort);
    }
}
