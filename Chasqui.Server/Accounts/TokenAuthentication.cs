using Chasqui.Server.Errors;
using Chasqui.Server.Http;
using Chasqui.Server.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Chasqui.Server.Accounts;

/// <summary>Bearer tokens; in the query where a browser can send no header, or there a ticket that stands for one.</summary>
internal static class TokenAuthentication
{
    public const string TicketParameter = "ticket";

    private const string Scheme = "Bearer ";

    public static IServiceCollection AddTokenAuthentication(this IServiceCollection services)
    {
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).Configure<Tokens>((bearer, tokens) =>
        {
            bearer.MapInboundClaims = false;
            bearer.TokenValidationParameters = tokens.Validation;
            bearer.Events = new JwtBearerEvents { OnMessageReceived = ReadAsync, OnTokenValidated = RequireGoodAsync, OnChallenge = SayWhyAsync };
        });
        services.AddAuthorization();
        // Authentication brings it along, for cookies that nobody here has. At its start it would make a key in the user's
        // home, and warn of it in the log.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.Remove(services.Single(service => service.ServiceType == typeof(IHostedService)
            && service.ImplementationType?.Assembly == typeof(EphemeralDataProtectionProvider).Assembly));
        return services;
    }

    private static async Task ReadAsync(MessageReceivedContext context)
    {
        if (context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            // Some send a token all the same, to the health checks too; and the database, which knows it, may be away.
            context.NoResult();
            return;
        }

        if (TransportEndpoint.Of(context.HttpContext) is { } door)
        {
            await ReadFromQueryAsync(context, door);
        }

        if (context.Result is null
            && (context.Token ?? TokenOf(context.Request.Headers.Authorization.ToString())) is { } text
            && Service<TokenCache>(context).Find(text) is { } token
            && await IsGoodAsync(context, token))
        {
            context.Principal = token.Principal;
            context.Success();
        }
    }

    private static async Task ReadFromQueryAsync(MessageReceivedContext context, TransportEndpoint door)
    {
        if (context.Request.Query[door.TokenParameter] is [{ Length: > 0 } token])
        {
            context.Token = token;
        }
        // Only by the handshake itself: a ticket is used up by it.
        else if (context.HttpContext.WebSockets.IsWebSocketRequest
            && context.Request.Query[TicketParameter] is [{ Length: > 0 } ticket])
        {
            await RedeemAsync(context, ticket);
        }
    }

    private static async Task RedeemAsync(MessageReceivedContext context, string ticket)
    {
        try
        {
            if (await Service<TicketStore>(context).RedeemAsync(ticket) is { } redeemed)
            {
                context.Principal = Tokens.Principal(redeemed);
                context.Success();
            }
            else
            {
                context.Fail("The ticket is none, was used, or has expired");
            }
        }
        catch (WriteRefusedException e)
        {
            // Not the ticket's fault: whoever has it may come again with it.
            context.Fail(e);
        }
    }

    private static async Task SayWhyAsync(JwtBearerChallengeContext context)
    {
        if (context.AuthenticateFailure is WriteRefusedException refused)
        {
            context.HandleResponse();
            await Refusal.For(context.HttpContext, WriteErrors.Of(refused)).ExecuteAsync(context.HttpContext);
        }
    }

    private static async Task RequireGoodAsync(TokenValidatedContext context)
    {
        var text = ((JsonWebToken)context.SecurityToken).EncodedToken;
        if (Tokens.Read((JsonWebToken)context.SecurityToken, context.Principal!) is { } token && await IsGoodAsync(context, token))
        {
            Service<TokenCache>(context).Add(text, token);
        }
        else
        {
            context.Fail("The token was ended");
        }
    }

    private static Task<bool> IsGoodAsync(BaseContext<JwtBearerOptions> context, CachedToken token) =>
        Service<TokenStore>(context).IsGoodAsync(token.Id, token.User);

    private static string? TokenOf(string authorization) =>
        authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? authorization[Scheme.Length..].Trim() : null;

    private static T Service<T>(BaseContext<JwtBearerOptions> context)
        where T : notnull => context.HttpContext.RequestServices.GetRequiredService<T>();
}
