using Microsoft.AspNetCore.Http.Metadata;

namespace Chasqui.Server.Messages;

/// <summary>Answers with the event that a change has caused; with <c>{"duplicate":true}</c> where it has caused none.</summary>
internal sealed class EventAnswer(IConversationEvent? caused) : IResult, IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => builder.Metadata.Add(
        new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(IConversationEvent), ["application/json"]));

    public Task ExecuteAsync(HttpContext httpContext) => caused is null
        ? httpContext.Response.WriteAsJsonAsync(new DuplicateAnswer(), httpContext.RequestAborted)
        : httpContext.Response.WriteAsJsonAsync(caused, httpContext.RequestAborted);
}

/// <summary>The effect was there already.</summary>
internal sealed record DuplicateAnswer(bool Duplicate = true);
