using Microsoft.Extensions.Options;

namespace Chasqui.Server.Http;

internal static class Cors
{
    /// <summary>Lets the pages of the allowed origins call the REST API and the hub.</summary>
    public static void UseChatCors(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<CorsOptions>>().Value;
        app.UseCors(policy => policy.SetIsOriginAllowed(options.Allows).AllowAnyHeader().AllowAnyMethod().AllowCredentials());
    }
}
