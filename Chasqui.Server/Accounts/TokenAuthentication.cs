using Chasqui.Server.Errors;
using Chasqui.Server.Http;
using Chasqui.Server.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Chasqui.Server.Accounts;

/// <summary>Bearer tokens in the header, or in the query for sockets, where a ticket can take the place of a token.</summary>
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
            bearer.Events = new JwtBearerEvents { OnMessageReceived = ReadAsync, OnTokenValidated = RequireValidAsync, OnChallenge = ExplainAsync };
        });
        services.AddAuthorization();
        // AddAuthentication adds data protection, for cookies, which this server does not use. At the start it would create a key
        // in the user's home and log a warning.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.Remove(services.Single(service => service.ServiceType == typeof(IHostedService)
            && service.ImplementationType?.Assembly == typeof(EphemeralDataProtectionProvider).Assembly));
        return services;
    }

    private static async Task ReadAsync(MessageReceivedContext context)
    {
        if (context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            // A client may send a token here too, also to the health checks; it is not checked, since the database may be
            // unavailable.
            context.NoResult();
            return;
        }

        if (TransportEndpoint.Of(context.HttpContext) is { } transport)
        {
            await ReadFromQueryAsync(context, transport);
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

    private static async Task ReadFromQueryAsync(MessageReceivedContext context, TransportEndpoint transport)
    {
        if (context.Request.Query[transport.TokenParameter] is [{ Length: > 0 } token])
        {
            context.Token = token;
        }
        // Only the handshake uses a ticket up, not the hub's negotiation.
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
                context.Fail("The ticket is unknown, used, or expired");
            }
        }
        catch (WriteRefusedException e)
        {
            // Answered with 503: the ticket is not used up, and the client may try again with it.
            context.Fail(e);
        }
    }

    private static async Task ExplainAsync(JwtBearerChallengeContext context)
    {
        if (context.AuthenticateFailure is WriteRefusedException refused)
        {
            context.HandleResponse();
            await Refusal.For(context.HttpContext, WriteErrors.Of(refused)).ExecuteAsync(context.HttpContext);
        }
    }

    private static async Task RequireValidAsync(TokenValidatedContext context)
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

    private static async Task<bool> IsGoodAsync(BaseContext<JwtBearerOptions> context, CachedToken token)
    {
        // A socket stays open for long: its token is read, and with it whether the database can be.
        var isGood = await Service<TokenStore>(context).IsGoodAsync(
            token.Id, token.User, isFresh: TransportEndpoint.Of(context.HttpContext) is not null);
        if (isGood)
        {
            Service<SessionActivity>(context).OnUse(token.Id);
        }

        return isGood;
    }

    private static string? TokenOf(string authorization) =>
        authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? authorization[Scheme.Length..].Trim() : null;

    private static T Service<T>(BaseContext<JwtBearerOptions> context)
        where T : notnull => context.HttpContext.RequestServices.GetRequiredService<T>();
}
