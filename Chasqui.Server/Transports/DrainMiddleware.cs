using Chasqui.Server.Errors;
using Chasqui.Server.Http;

namespace Chasqui.Server.Transports;

internal static class DrainMiddleware
{
    /// <summary>Refuses handshakes while the server stops.</summary>
    public static void UseDrain(this WebApplication app)
    {
        var drain = app.Services.GetRequiredService<Drain>();
        app.Use(async (http, next) =>
        {
            if (TransportEndpoint.Of(http) is null)
            {
                await next(http);
            }
            else if (!await drain.TryServeAsync(http, next))
            {
                await Refusal.For(http, WriteErrors.Stopping with { Message = "The server is stopping" }).ExecuteAsync(http);
            }
        });
    }
}
