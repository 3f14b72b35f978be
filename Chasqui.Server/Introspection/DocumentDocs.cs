using Chasqui.Server.Accounts;
using Chasqui.Server.Configuration;
using Chasqui.Server.Transports.RawWebSocket;
using Chasqui.Server.Transports.SignalR;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Chasqui.Server.Introspection;

/// <summary>The front of the document, the security schemes, and the hub, which the framework does not list.</summary>
internal sealed class DocumentDocs(EndpointDataSource endpoints) : IOpenApiDocumentTransformer
{
    public const string Bearer = "bearer";

    public static readonly Dictionary<string, IOpenApiSecurityScheme> Schemes = new()
    {
        [Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description = "The token of `POST /api/login`.",
        },
        ["token"] = InQuery("token", "The same token, for the raw WebSocket."),
        ["access_token"] = InQuery("access_token", "The same token, for the SignalR hub."),
        [TokenAuthentication.TicketParameter] = InQuery(TokenAuthentication.TicketParameter, "A ticket of `POST /api/ws/ticket`, for one handshake."),
    };

    private const string Description = $"""
        A self-hosted real-time chat backend. Three doors lead to the same rooms:

        | door | address | who uses it |
        |---|---|---|
        | REST | `/api` | any HTTP client |
        | raw JSON WebSocket | `{RawEndpoint.Path}?token=<JWT>` | frontends that speak the protocol described there |
        | SignalR hub | `{SignalREndpoint.Path}` | .NET, JavaScript and Java SignalR clients |

        A message sent through any of them reaches the joined clients of both sockets. To try the calls on this page:
        `POST /api/register`, `POST /api/login`, then put the token into *Authorize*.

        JSON is `snake_case`; times are UTC with milliseconds. On input an id is taken with its prefix or bare. A refused
        call answers `application/problem+json` with a `code` for programs and a `message` for people.
        """;

    private static readonly Dictionary<string, string> Tags = new()
    {
        ["Accounts"] = "Registering, logging in and out, passwords and tickets.",
        ["Users"] = "The caller, and finding users.",
        ["Tasks"] = "The task list that all users of the server share.",
        ["Conversations"] = "Who talks to whom.",
        ["Messages"] = "History, and sending over REST.",
        ["WebSocket"] = "The raw JSON WebSocket.",
        ["SignalR"] = "The SignalR hub.",
        ["Protocol"] = "What this server speaks and takes.",
        ["Health"] = "For proxies, and for whoever starts servers.",
    };

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Chasqui",
            Version = ServerVersion.Current,
            Description = Description,
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        };
        // Relative to the document: as good behind a proxy as beside the server.
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = Schemes;
        document.Tags = Tags.Select(tag => new OpenApiTag { Name = tag.Key, Description = tag.Value }).ToHashSet();
        foreach (var endpoint in endpoints.Endpoints.OfType<RouteEndpoint>().Select(found => new ApiEndpoint(found)))
        {
            if (endpoint.Path.StartsWith(SignalREndpoint.Path, StringComparison.Ordinal))
            {
                document.Paths[endpoint.Path] = Hub(endpoint, document);
            }
        }

        return Task.CompletedTask;
    }

    private static OpenApiSecurityScheme InQuery(string name, string description) =>
        new() { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Query, Name = name, Description = description };

    private static OpenApiPathItem Hub(ApiEndpoint endpoint, OpenApiDocument document)
    {
        var negotiates = endpoint.Path != SignalREndpoint.Path;
        return new OpenApiPathItem
        {
            Operations = new Dictionary<HttpMethod, OpenApiOperation>
            {
                [negotiates ? HttpMethod.Post : HttpMethod.Get] = new()
                {
                    Summary = endpoint.Summary,
                    Description = "SignalR's own protocol: use one of its clients. A frame of the raw WebSocket without its `type` is "
                        + "the argument of a hub method, an event without its `type` that of a hub event:\n\n"
                        + string.Join('\n', WsModel.Frames.Concat(WsModel.Events)
                            .Where(entry => entry.HubName is not null)
                            .Select(entry => $"- `{entry.Name}`: `{entry.HubName}`")),
                    Tags = new HashSet<OpenApiTagReference> { new("SignalR", document) },
                    Security = OperationDocs.Security(endpoint, document),
                    Responses = new OpenApiResponses
                    {
                        [negotiates ? "200" : "101"] = new OpenApiResponse { Description = negotiates ? "A connection" : "Switching Protocols" },
                        ["401"] = new OpenApiResponse { Description = "A valid token is needed" },
                    },
                },
            },
        };
    }
}
