using Chasqui.Server.Accounts;
using Chasqui.Server.Errors;
using Chasqui.Server.Http;
using Chasqui.Server.Transports.RawWebSocket;
using Chasqui.Server.Transports.SignalR;
using Microsoft.AspNetCore.Http.Metadata;

namespace Chasqui.Server.Introspection;

/// <summary>An answer of an endpoint: its status, and the type of its body where it has one.</summary>
internal sealed record ApiAnswer(int Status, Type? Body);

/// <summary>What an endpoint says of itself through its metadata.</summary>
internal sealed class ApiEndpoint(RouteEndpoint endpoint)
{
    public EndpointMetadataCollection Metadata => endpoint.Metadata;

    /// <summary>The path as callers write it, without a slash at its end.</summary>
    public string Path => "/" + endpoint.RoutePattern.RawText!.Trim('/');

    /// <summary>The HTTP methods; none for the hub, whose transports choose.</summary>
    public IReadOnlyList<string> Methods =>
        [.. (Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).Where(method => method is not ("OPTIONS" or "CONNECT"))];

    public bool NeedsToken => Metadata.NeedsToken();

    public string? Summary => Metadata.GetMetadata<IEndpointSummaryMetadata>()?.Summary ?? Path switch
    {
        SignalREndpoint.Path => "The SignalR hub",
        SignalREndpoint.Path + "/negotiate" => "Where SignalR clients ask for a connection to the hub",
        _ => null,
    };

    public string? Description => Metadata.GetMetadata<IEndpointDescriptionMetadata>()?.Description;

    public IReadOnlyList<ApiParameter> Parameters => [.. PathParameters(), .. QueryParameters()];

    /// <summary>The type of the body, and whether it may be left out.</summary>
    public (Type Type, bool IsOptional)? Body =>
        Metadata.GetMetadata<IAcceptsMetadata>() is { RequestType: { } type } accepts ? (type, accepts.IsOptional) : null;

    /// <summary>Every answer once, by status.</summary>
    public IReadOnlyList<ApiAnswer> Answers => [.. Metadata
        .GetOrderedMetadata<IProducesResponseTypeMetadata>()
        .DistinctBy(answer => answer.StatusCode)
        .OrderBy(answer => answer.StatusCode)
        .Select(answer => new ApiAnswer(answer.StatusCode, answer.Type == typeof(void) ? null : answer.Type))];

    /// <summary>The codes of the refusals with a status.</summary>
    public IReadOnlyList<string> Codes(int status) => [.. (Path == RawEndpoint.Path ? WsModel.HandshakeRefusals.Codes : Metadata.GetOrderedMetadata<RefusalCodes>().SelectMany(refusals => refusals.Codes))
        .Distinct()
        .Where(code => ErrorCatalog.Status(code) == status)];

    /// <summary>Everything that a server answers to.</summary>
    public static IReadOnlyList<ApiEndpoint> All(IEndpointRouteBuilder server) => [.. server.DataSources
        .SelectMany(source => source.Endpoints)
        .OfType<RouteEndpoint>()
        .Select(endpoint => new ApiEndpoint(endpoint))];

    private IEnumerable<ApiParameter> PathParameters() =>
        endpoint.RoutePattern.Parameters.Select(parameter => ApiParameter.InPath(parameter.Name));

    private IEnumerable<ApiParameter> QueryParameters()
    {
        var named = endpoint.RoutePattern.Parameters.Select(parameter => parameter.Name).ToHashSet();
        var bound = Metadata.GetOrderedMetadata<IParameterBindingMetadata>()
            .Where(parameter => !named.Contains(parameter.Name))
            .Where(parameter => parameter.HasTryParse || parameter.ParameterInfo.ParameterType == typeof(string))
            .Select(parameter => ApiParameter.InQuery(parameter.ParameterInfo));
        return Metadata.GetMetadata<TransportEndpoint>() is { } door
            ? [.. bound, ApiParameter.Token(door.TokenParameter), ApiParameter.Ticket(TokenAuthentication.TicketParameter)]
            : bound;
    }
}
