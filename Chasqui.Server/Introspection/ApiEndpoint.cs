using System.ComponentModel;
using Chasqui.Server.Accounts;
using Chasqui.Server.Errors;
using Chasqui.Server.Http;
using Chasqui.Server.Transports.RawWebSocket;
using Chasqui.Server.Transports.SignalR;
using Microsoft.AspNetCore.Http.Metadata;

namespace Chasqui.Server.Introspection;

/// <summary>An answer of an endpoint: its status, and the type of its body if it has one.</summary>
internal sealed record ApiAnswer(int Status, Type? Body);

/// <summary>A parameter in the path or the query of an address.</summary>
internal sealed record ApiParameter(
    string Name, string Type, string? Description, bool IsInPath = false, string? Pattern = null, string? Example = null)
{
    public string In => IsInPath ? "path" : "query";

    public int? Default { get; init; }

    public long? Minimum { get; init; }

    public long? Maximum { get; init; }

    /// <summary>The description with the limits.</summary>
    public string Text => string.Join(' ', new[]
    {
        Description,
        (Minimum, Maximum) switch
        {
            ({ } low, { } high) => $"{low} to {high}.",
            ({ } low, null) => $"At least {low}.",
            _ => null,
        },
        Default is null ? null : string.Create(CultureInfo.InvariantCulture, $"Default: {Default}."),
    }.Where(part => part is not null));

    /// <summary>A parameter of a path. The segment before it says what an <c>id</c> is the id of.</summary>
    public static ApiParameter OfPath(string path, string name) => name switch
    {
        "id" when path.Contains("/users/{id}", StringComparison.Ordinal) => new(
            name, UserId.Prefix + "<uuid>", "The user, as an id or a bare uuid.", IsInPath: true,
            WireShapes.IdPattern(typeof(UserId), isInput: true), Examples.Grace.ToString()),
        "id" => new(name, ConversationId.Prefix + "<uuid>", "The conversation, as an id or a bare uuid.", IsInPath: true,
            WireShapes.IdPattern(typeof(ConversationId), isInput: true), Examples.Talk.ToString()),
        "user" => new(name, "string", "A user id, a bare uuid, a username or an e-mail address.", IsInPath: true,
            Example: Examples.Grace.ToString()),
        "message" => new(name, MessageId.Prefix + "<uuid>", "The message, as an id or a bare uuid.", IsInPath: true,
            WireShapes.IdPattern(typeof(MessageId), isInput: true), Examples.Greeting.ToString()),
        "emoji" => new(name, "string", "One emoji, at most 32 bytes.", IsInPath: true, Example: "👍"),
        "uuid" => new(name, "uuid", "The task's bare uuid.", IsInPath: true,
            WireShapes.InputPattern(), Examples.TaskUuid.ToString()),
        _ => new(name, "string", null, IsInPath: true),
    };

    public static ApiParameter OfQuery(ParameterInfo parameter)
    {
        var range = parameter.GetCustomAttribute<RangeAttribute>();
        var type = parameter.ParameterType == typeof(string) ? "string" : "integer";
        return new(parameter.Name!, type, parameter.GetCustomAttribute<DescriptionAttribute>()?.Description)
        {
            Default = parameter.DefaultValue as int?,
            Minimum = parameter.GetCustomAttribute<AtLeastAttribute>()?.Minimum ?? (int?)range?.Minimum,
            Maximum = (int?)range?.Maximum,
        };
    }
}

/// <summary>What the metadata of an endpoint says about it: the model of the OpenAPI document and of <c>--list-api</c>.</summary>
internal sealed class ApiEndpoint(RouteEndpoint endpoint)
{
    /// <summary>The path, without a slash at its end.</summary>
    public string Path => "/" + endpoint.RoutePattern.RawText!.Trim('/');

    /// <summary>The HTTP methods; empty for the hub, where the SignalR transport decides.</summary>
    public IReadOnlyList<string> Methods =>
        [.. (Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
            .Where(method => method is not ("OPTIONS" or "CONNECT"))];

    public bool NeedsToken => Metadata.NeedsToken();

    public string? Summary => Metadata.GetMetadata<IEndpointSummaryMetadata>()?.Summary ?? Path switch
    {
        SignalREndpoint.Path => "The SignalR hub",
        SignalREndpoint.Path + "/negotiate" => "The negotiation of a SignalR connection",
        _ => null,
    };

    public string? Description => Metadata.GetMetadata<IEndpointDescriptionMetadata>()?.Description;

    public IReadOnlyList<ApiParameter> Parameters
    {
        get
        {
            var inPath = endpoint.RoutePattern.Parameters.Select(parameter => parameter.Name).ToArray();
            return
            [
                .. inPath.Select(name => ApiParameter.OfPath(Path, name)),
                .. Metadata.GetOrderedMetadata<IParameterBindingMetadata>()
                    .Where(parameter => !inPath.Contains(parameter.Name))
                    .Where(parameter => parameter.HasTryParse || parameter.ParameterInfo.ParameterType == typeof(string))
                    .Select(parameter => ApiParameter.OfQuery(parameter.ParameterInfo)),
                .. Metadata.GetMetadata<TransportEndpoint>() is { } transport ? Credentials(transport) : [],
            ];
        }
    }

    /// <summary>The type of the body, and whether it may be left out.</summary>
    public (Type Type, bool IsOptional)? Body =>
        Metadata.GetMetadata<IAcceptsMetadata>() is { RequestType: { } type } accepts ? (type, accepts.IsOptional) : null;

    /// <summary>One answer for each status, by status.</summary>
    public IReadOnlyList<ApiAnswer> Answers => [.. Metadata
        .GetOrderedMetadata<IProducesResponseTypeMetadata>()
        .DistinctBy(answer => answer.StatusCode)
        .OrderBy(answer => answer.StatusCode)
        .Select(answer => new ApiAnswer(answer.StatusCode, answer.Type == typeof(void) ? null : answer.Type))];

    private EndpointMetadataCollection Metadata => endpoint.Metadata;

    public static IEnumerable<ApiEndpoint> All(IEnumerable<Endpoint> endpoints) =>
        endpoints.OfType<RouteEndpoint>().Select(endpoint => new ApiEndpoint(endpoint));

    /// <summary>The error codes with a status.</summary>
    public IReadOnlyList<string> Codes(int status)
    {
        var codes = Path == RawEndpoint.Path
            ? SocketModel.HandshakeRefusals.Codes
            : Metadata.GetOrderedMetadata<RefusalCodes>().SelectMany(refusals => refusals.Codes);
        return [.. codes.Distinct().Where(code => ErrorCatalog.Status(code) == status)];
    }

    private static ApiParameter[] Credentials(TransportEndpoint transport) =>
    [
        new(
            transport.TokenParameter,
            "string",
            "The token of `POST /api/login`, if the client cannot send an `Authorization` header.",
            Example: Examples.Token),
        new(TokenAuthentication.TicketParameter, "string", "A ticket of `POST /api/ws/ticket`, instead of the token."),
    ];
}
