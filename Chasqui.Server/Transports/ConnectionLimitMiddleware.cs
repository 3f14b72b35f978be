using Chasqui.Server.Http;
using Chasqui.Server.Limits;
using Chasqui.Server.Transports.SignalR;

namespace Chasqui.Server.Transports;

internal static class ConnectionLimitMiddleware
{
    /// <summary>Limits the connections of both WebSocket transports, by user and in all.</summary>
    public static void UseConnectionLimit(this WebApplication app)
    {
        var limit = app.Services.GetRequiredService<ConnectionLimit>();
        var owners = app.Services.GetRequiredService<NegotiatedConnections>();
        app.UseWhen(http => TransportEndpoint.Of(http) is not null, transports => transports.Use((http, next) =>
            (Name(http), TransportEndpoint.OpensConnection(http)) switch
            {
                ({ Length: > 0 } name, true) => owners.ServeAsync(name, http, () => next(http)),
                ({ Length: > 0 } name, false) => owners.CheckAsync(name, http, () => next(http)),
                (_, true) => limit.ServeAsync(http, () => next(http)),
                // The hub's negotiation.
                _ => next(http),
            }));
    }

    private static string? Name(HttpContext http) =>
        TransportEndpoint.Of(http)!.NameParameter is { } parameter ? http.Request.Query[parameter].ToString() : null;
}
