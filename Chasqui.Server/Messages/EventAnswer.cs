using Microsoft.AspNetCore.Http.Metadata;

namespace Chasqui.Server.Messages;

/// <summary>Answers with what a change has caused; with <c>{"duplicate":true}</c> where it has caused nothing.</summary>
internal sealed class EventAnswer<TEvent>(TEvent? caused) : IResult, IEndpointMetadataProvider
    where TEvent : class
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => builder.Metadata.Add(
        new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(TEvent), ["application/json"]));

    public Task ExecuteAsync(HttpContext httpContext) => caused is null
        ? httpContext.Response.WriteAsJsonAsync(new DuplicateAnswer(), httpContext.RequestAborted)
        : httpContext.Response.WriteAsJsonAsync(caused, httpContext.RequestAborted);
}

/// <summary>The effect was there already.</summary>
internal sealed record DuplicateAnswer(bool Duplicate = true);
