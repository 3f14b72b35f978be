using Chasqui.Protocol;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Chasqui.Server.Accounts;

/// <summary>Bearer tokens; in the query where a browser can send no header.</summary>
internal static class TokenAuthentication
{
    public static IServiceCollection AddTokenAuthentication(this IServiceCollection services)
    {
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).Configure<Tokens>((bearer, tokens) =>
        {
            bearer.MapInboundClaims = false;
            bearer.TokenValidationParameters = tokens.Validation;
            bearer.Events = new JwtBearerEvents { OnMessageReceived = ReadFromQuery, OnTokenValidated = RequireUserAsync };
        });
        services.AddAuthorization();
        // Authentication brings it along, for cookies that nobody here has. At its start it would make a key in the user's
        // home, and warn of it in the log.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.Remove(services.Single(service => service.ServiceType == typeof(IHostedService)
            && service.ImplementationType?.Assembly == typeof(EphemeralDataProtectionProvider).Assembly));
        return services;
    }

    private static Task ReadFromQuery(MessageReceivedContext context)
    {
        var endpoint = context.HttpContext.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<SocketDoor>() is { } door
            && context.Request.Query[door.TokenParameter] is [{ Length: > 0 } token])
        {
            context.Token = token;
        }

        return Task.CompletedTask;
    }

    /// <summary>A token can outlive its account, where an older backup was restored or the key was configured.</summary>
    private static async Task RequireUserAsync(TokenValidatedContext context)
    {
        var users = context.HttpContext.RequestServices.GetRequiredService<UserStore>();
        if (!Guid.TryParse(context.Principal!.FindFirst(JwtRegisteredClaimNames.Sub)?.Value, out var id)
            // Not cancelled with the request: the framework would log it as an error that somebody hung up.
            || !await users.ExistsAsync(new UserId(id), CancellationToken.None))
        {
            context.Fail("The token names no user");
        }
    }
}

/// <summary>Marks an endpoint that opens a socket; browsers can send it no header, so it takes its token from the query.</summary>
internal sealed record SocketDoor(string TokenParameter);
