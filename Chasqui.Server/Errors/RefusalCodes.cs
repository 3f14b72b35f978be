using Chasqui.Protocol;
using Chasqui.Server.Accounts;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace Chasqui.Server.Errors;

/// <summary>Codes with which an endpoint can refuse, for those who document it.</summary>
internal sealed record RefusalCodes(params string[] Codes)
{
    /// <summary>The HTTP status that goes with a code.</summary>
    public static int Status(string code) => code switch
    {
        ErrorCodes.InvalidCredentials or ErrorCodes.AccountDisabled or ErrorCodes.Unauthorized => StatusCodes.Status401Unauthorized,
        ErrorCodes.Forbidden or ErrorCodes.WrongPassword or ErrorCodes.OriginNotAllowed => StatusCodes.Status403Forbidden,
        ErrorCodes.ConversationNotFound or ErrorCodes.TaskNotFound or ErrorCodes.NotFound => StatusCodes.Status404NotFound,
        ErrorCodes.MethodNotAllowed => StatusCodes.Status405MethodNotAllowed,
        ErrorCodes.UsernameTaken or ErrorCodes.EmailTaken or ErrorCodes.IdempotencyConflict or ErrorCodes.GroupFull
            or ErrorCodes.TooManyConversations or ErrorCodes.TooManyTasks => StatusCodes.Status409Conflict,
        ErrorCodes.PayloadTooLarge => StatusCodes.Status413PayloadTooLarge,
        ErrorCodes.UnsupportedMediaType => StatusCodes.Status415UnsupportedMediaType,
        ErrorCodes.RateLimited => StatusCodes.Status429TooManyRequests,
        ErrorCodes.InternalError => StatusCodes.Status500InternalServerError,
        ErrorCodes.Overloaded or ErrorCodes.StorageUnavailable or ErrorCodes.ServerStopping or ErrorCodes.TooManyConnections =>
            StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status400BadRequest,
    };
}

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
    public static RouteGroupBuilder RefusesAsUsual(this RouteGroupBuilder group)
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
                Declare(builder, ErrorCodes.Unauthorized);
            }

            Declare(builder, ErrorCodes.RateLimited, ErrorCodes.InternalError);
        });
        return group;
    }

    private static void Declare(EndpointBuilder builder, params string[] codes)
    {
        builder.Metadata.Add(new RefusalCodes(codes));
        foreach (var status in codes.Select(RefusalCodes.Status).Distinct())
        {
            builder.Metadata.Add(new ProducesResponseTypeMetadata(status, typeof(ProblemDetails), [ContentType]));
        }
    }
}
