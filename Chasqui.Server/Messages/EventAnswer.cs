using Chasqui.Protocol.Json;
using Microsoft.AspNetCore.Http.Metadata;

namespace Chasqui.Server.Messages;

/// <summary>Answers with events as opted-in sockets get them, each with its <c>type</c>.</summary>
internal sealed class EventsAnswer(IEnumerable<IConversationEvent> events) : IResult, IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => builder.Metadata.Add(
        new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(ServerEvent[]), ["application/json"]));

    public Task ExecuteAsync(HttpContext httpContext) => httpContext.Response.WriteAsJsonAsync(
        events.Cast<ServerEvent>().ToArray(), ChatJson.Options, httpContext.RequestAborted);
}

/// <summary>Answers with the event that a change has caused; with <c>{"duplicate":true}</c> where it has caused none.</summary>
internal sealed class EventAnswer(IConversationEvent? caused) : IResult, IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => builder.Metadata.Add(
        new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(ServerEvent), ["application/json"]));

    public Task ExecuteAsync(HttpContext httpContext) => caused is null
        ? httpContext.Response.WriteAsJsonAsync(new DuplicateAnswer(), httpContext.RequestAborted)
        : httpContext.Response.WriteAsJsonAsync((ServerEvent)caused, ChatJson.Options, httpContext.RequestAborted);
}

/// <summary>The effect was there already.</summary>
internal sealed record DuplicateAnswer(bool Duplicate = true);
