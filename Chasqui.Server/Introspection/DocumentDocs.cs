using Chasqui.Server.Accounts;
using Chasqui.Server.Configuration;
using Chasqui.Server.FrameworkWorkarounds;
using Chasqui.Server.Transports.RawWebSocket;
using Chasqui.Server.Transports.SignalR;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Chasqui.Server.Introspection;

/// <summary>
/// The introduction of the OpenAPI document, its security schemes, and the hub, which the framework does not list.
/// </summary>
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
        [TokenAuthentication.TicketParameter] = InQuery(
            TokenAuthentication.TicketParameter, "A ticket of `POST /api/ws/ticket`, for one handshake."),
    };

    private const string Description = $"""
        A self-hosted real-time chat backend. Three transports serve the same conversations:

        | transport | address | clients |
        |---|---|---|
        | REST | `/api` | any HTTP client |
        | raw JSON WebSocket | `{RawEndpoint.Path}?token=<JWT>` | frontends that use the protocol described there |
        | SignalR hub | `{SignalREndpoint.Path}` | .NET, JavaScript and Java SignalR clients |

        A message sent over any of them reaches the joined clients of both sockets. To try the calls on this page:
        `POST /api/register`, `POST /api/login`, then put the token into *Authorize*.

        JSON is `snake_case`; times are UTC with milliseconds. On input an id may have its prefix or not. A refused call answers
        `application/problem+json` with a `code` for programs and a `message` for people.
        """;

    private static readonly (string Name, string Description)[] Tags =
    [
        ("Accounts", "Registration, login and logout, passwords and tickets."),
        ("Users", "The caller, and the search for other users."),
        ("Tasks", "The task list that all users of the server share."),
        ("Conversations", "Conversations and their members."),
        ("Messages", "History, and sending over REST."),
        ("WebSocket", "The raw JSON WebSocket."),
        ("SignalR", "The SignalR hub."),
        ("Protocol", "Features, limits and codes of this server."),
        ("Health", "For proxies and process supervisors."),
    ];

    public Task TransformAsync(
        OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Chasqui",
            Version = ServerVersion.Current,
            Description = Description,
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        };
        // Relative to the document, so that it is right behind a proxy that adds a path too.
        document.Servers = [new OpenApiServer { Url = ".." }];
        document.Components ??= new OpenApiComponents();
        foreach (var fields in (document.Components.Schemas ?? new Dictionary<string, IOpenApiSchema>()).Values
            .Select(schema => schema.Properties).OfType<IDictionary<string, IOpenApiSchema>>())
        {
            OpenApiQuirks.RemoveNulls(fields);
        }

        document.Components.SecuritySchemes = Schemes;
        document.Tags = Tags.Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Description }).ToHashSet();
        foreach (var endpoint in ApiEndpoint.All(endpoints.Endpoints)
            .Where(endpoint => endpoint.Path.StartsWith(SignalREndpoint.Path, StringComparison.Ordinal)))
        {
            document.Paths[endpoint.Path] = Hub(endpoint, document);
        }

        return Task.CompletedTask;
    }

    private static OpenApiSecurityScheme InQuery(string name, string description) =>
        new() { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Query, Name = name, Description = description };

    private static OpenApiPathItem Hub(ApiEndpoint endpoint, OpenApiDocument document)
    {
        var (method, status, answer) = endpoint.Path == SignalREndpoint.Path
            ? (HttpMethod.Get, "101", "Switching Protocols")
            : (HttpMethod.Post, "200", "A connection");
        return new OpenApiPathItem
        {
            Operations = new Dictionary<HttpMethod, OpenApiOperation>
            {
                [method] = new()
                {
                    Summary = endpoint.Summary,
                    Description = "SignalR's own protocol: use one of its clients. A frame of the raw WebSocket without its `type` "
                        + "is the argument of a hub method, an event without its `type` that of a hub event:\n\n"
                        + string.Join('\n', SocketModel.Frames.Concat(SocketModel.Events)
                            .Where(entry => entry.HubName is not null)
                            .Select(entry => $"- `{entry.Name}`: `{entry.HubName}`")),
                    Tags = new HashSet<OpenApiTagReference> { new("SignalR", document) },
                    Security = OperationDocs.Security(endpoint, document),
                    Responses = new OpenApiResponses
                    {
                        [status] = new OpenApiResponse { Description = answer },
                        ["401"] = new OpenApiResponse { Description = "A valid token is needed" },
                    },
                },
            },
        };
    }
}
