using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;

namespace Chasqui.Server.Errors;

/// <summary>The error codes of an endpoint, for the generated documents.</summary>
internal sealed record RefusalCodes(params string[] Codes);

internal static class RefusalMetadata
{
    public const string ContentType = "application/problem+json";

    public static TBuilder Refuses<TBuilder>(this TBuilder endpoint, params string[] codes)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoint.Add(builder => Declare(builder, codes));
        return endpoint;
    }

    /// <summary>Declares the codes of an endpoint that writes.</summary>
    public static TBuilder RefusesWrites<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.Refuses(ErrorCodes.Overloaded, ErrorCodes.StorageUnavailable, ErrorCodes.ServerStopping);

    /// <summary>Declares the codes that every endpoint of a group has: a bad body, no token, too many requests.</summary>
    public static RouteGroupBuilder RefusesCommonErrors(this RouteGroupBuilder group)
    {
        ((IEndpointConventionBuilder)group).Finally(builder =>
        {
            if (builder.Metadata.OfType<IAcceptsMetadata>().Any())
            {
                Declare(builder, ErrorCodes.InvalidJson, ErrorCodes.InvalidField, ErrorCodes.BadRequest,
                    ErrorCodes.PayloadTooLarge, ErrorCodes.UnsupportedMediaType);
            }

            if (builder.Metadata.NeedsToken())
            {
                // Each request reads storage to see whether its token was ended.
                Declare(builder, ErrorCodes.Unauthorized, ErrorCodes.StorageUnavailable);
            }

            Declare(builder, ErrorCodes.RateLimited, ErrorCodes.InternalError);
        });
        return group;
    }

    public static bool NeedsToken(this IEnumerable<object> metadata) =>
        metadata.OfType<IAuthorizeData>().Any() && !metadata.OfType<IAllowAnonymous>().Any();

    private static void Declare(EndpointBuilder builder, params string[] codes)
    {
        builder.Metadata.Add(new RefusalCodes(codes));
        foreach (var status in codes.Select(ErrorCatalog.Status).Distinct())
        {
            builder.Metadata.Add(new ProducesResponseTypeMetadata(status, typeof(ProblemDetails), [ContentType]));
        }
    }
}
