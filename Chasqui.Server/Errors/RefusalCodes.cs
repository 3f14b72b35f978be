using Chasqui.Protocol;
using Chasqui.Server.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace Chasqui.Server.Errors;

/// <summary>Codes with which an endpoint can refuse, for those who document it.</summary>
internal sealed record RefusalCodes(params string[] Codes);

/// <summary>Declares how endpoints refuse.</summary>
internal static class RefusalMetadata
{
    public const string ContentType = "application/problem+json";

    /// <summary>Declares the codes with which an endpoint of its own accord refuses.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder endpoint, params string[] codes)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoint.Add(builder => Declare(builder, codes));
        return endpoint;
    }

    /// <summary>Declares what happens to an endpoint that writes when the disk or the queue is full.</summary>
    public static TBuilder RefusesWrites<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.Refuses(ErrorCodes.Overloaded, ErrorCodes.StorageUnavailable, ErrorCodes.ServerStopping);

    /// <summary>Declares what is refused in front of every endpoint of a group: a bad body, no token, too many requests.</summary>
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
                // To see whether a token is still good, storage is read.
                Declare(builder, ErrorCodes.Unauthorized, ErrorCodes.StorageUnavailable);
            }

            Declare(builder, ErrorCodes.RateLimited, ErrorCodes.InternalError);
        });
        return group;
    }

    private static void Declare(EndpointBuilder builder, params string[] codes)
    {
        builder.Metadata.Add(new RefusalCodes(codes));
        foreach (var status in codes.Select(ErrorCatalog.Status).Distinct())
        {
            builder.Metadata.Add(new ProducesResponseTypeMetadata(status, typeof(ProblemDetails), [ContentType]));
        }
    }
}
