using Chasqui.Server.Accounts;
using Chasqui.Server.Errors;

namespace Chasqui.Server.Delivery;

internal static class DrainMiddleware
{
    /// <summary>Refuses handshakes while the server stops, on both doors.</summary>
    public static void UseDrain(this WebApplication app)
    {
        var drain = app.Services.GetRequiredService<Drain>();
        app.Use(async (http, next) =>
        {
            if (SocketDoor.Of(http) is null)
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
