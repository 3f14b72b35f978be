using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Chasqui.Server.Accounts;
using Chasqui.Server.Configuration;
using Chasqui.Server.Transports.RawWebSocket;
using Chasqui.Server.Transports.SignalR;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chasqui.Server.Introspection;

/// <summary>
/// The raw WebSocket as an AsyncAPI 3 document, made once, from the records that serve. What AsyncAPI has no words for stands
/// in fields whose names begin with <c>x-</c>: what frames and events are called at the hub, error codes, close codes, features.
/// </summary>
internal sealed class AsyncApiDocument(WireShapes shapes, XmlComments comments)
{
    public const string Path = "/asyncapi.json";
    private const string Channel = "chat";

    private const string Description = $"""
        The raw JSON WebSocket of Chasqui: one JSON object per text message, in both directions. REST is described by
        `{Docs.Document}`.

        The handshake takes a token (`?token=`, from `POST /api/login`) or a ticket (`?ticket=`, from `POST /api/ws/ticket`,
        which is good for one handshake, so that no long-lived token stands in an address).

        A frame that cannot be served gets one `Error`, and the connection lives on. A frame with a `request_id` is answered
        exactly once, by an `Ack` or by an `Error` with the same id; one without is answered only when it is refused. `Welcome`
        and `Pong`, which `hello` and `ping` ask for, come beside that. A connection is sent `NewMessage` and `Error`, and `Ack`
        for what it asked with a `request_id`; what nobody has asked for comes after it has said `hello`.

        Fields, events and codes may come in later versions: ignore what you do not know.

        SignalR clients speak with the same records at `{SignalREndpoint.Path}`: a frame without its `type` is the argument of the hub
        method that stands beside its name (`x-hub-method`), an event without its `type` that of the hub event (`x-hub-event`).
        Hub methods return the `Ack`. SignalR clients are opted in from the start.

        {WsModel.HubRefusals}
        """;

    private static readonly JsonSerializerOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lazy<byte[]> _json = new(() => JsonSerializer.SerializeToUtf8Bytes(WithoutNulls(Write(shapes, comments)), Writing));

    public static FileContentHttpResult Serve(AsyncApiDocument document) =>
        TypedResults.Bytes(document._json.Value, "application/json;charset=utf-8");

    private static JsonObject Write(WireShapes shapes, XmlComments comments)
    {
        var schemas = new WireSchemas(shapes, comments);
        var (frames, events) = (WsModel.Frames.ToArray(), WsModel.Events.ToArray());
        return new JsonObject
        {
            ["asyncapi"] = "3.0.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Chasqui",
                ["version"] = ServerVersion.Current,
                ["description"] = Description,
                ["license"] = new JsonObject { ["name"] = "MIT" },
            },
            ["defaultContentType"] = "application/json",
            ["servers"] = Servers(),
            ["channels"] = new JsonObject { [Channel] = TheChannel([.. frames, .. events]) },
            ["operations"] = Object([.. frames.Select(frame => Receive(frame)), .. events.Select(entry => Send(entry, comments))]),
            ["components"] = new JsonObject
            {
                ["messages"] = Object([
                    .. frames.Select(frame => Message(frame, "x-hub-method", schemas, comments)),
                    .. events.Select(entry => Message(entry, "x-hub-event", schemas, comments)),
                ]),
                ["schemas"] = schemas.All,
                ["securitySchemes"] = new JsonObject
                {
                    ["token"] = InQuery("token", "A token of `POST /api/login`; an `Authorization: Bearer` header does as well."),
                    [TokenAuthentication.TicketParameter] =
                        InQuery(TokenAuthentication.TicketParameter, "A ticket of `POST /api/ws/ticket`, for one handshake."),
                },
            },
            ["x-error-codes"] = new JsonArray([.. WsModel.Codes.Select(code => ErrorCode(code, comments))]),
            ["x-close-codes"] = new JsonArray([.. WsModel.CloseCodeFeature.Select(end =>
                new JsonObject { ["code"] = end.Code, ["reason"] = end.Reason, ["advice"] = end.Advice })]),
            ["x-features"] = new JsonArray([.. typeof(Features).GetFields().Select(name =>
                new JsonObject { ["name"] = (string)name.GetRawConstantValue()!, ["description"] = comments.Summary(name) })]),
        };
    }

    /// <summary>Where the documentation files are missing, nothing is described.</summary>
    private static JsonNode? WithoutNulls(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields.Where(field => field.Value is not null)
            .Select(field => KeyValuePair.Create(field.Key, WithoutNulls(field.Value)))),
        JsonArray items => new JsonArray([.. items.Select(WithoutNulls)]),
        _ => node?.DeepClone(),
    };

    private static JsonObject Servers() => new()
    {
        ["server"] = new JsonObject
        {
            ["host"] = "{host}",
            ["protocol"] = "ws",
            ["description"] = "Where the server listens; `wss` where TLS ends before it.",
            ["variables"] = new JsonObject { ["host"] = new JsonObject { ["default"] = "localhost:8080" } },
            ["security"] = new JsonArray([.. new[] { "token", TokenAuthentication.TicketParameter }.Select(scheme =>
                new JsonObject { ["$ref"] = "#/components/securitySchemes/" + scheme })]),
        },
    };

    private static JsonObject TheChannel(WsEntry[] entries) => new()
    {
        ["address"] = RawEndpoint.Path,
        ["title"] = "The raw WebSocket",
        ["messages"] = Object([.. entries.Select(entry => (entry.Name, Reference("#/components/messages/", entry.Name)))]),
        ["bindings"] = new JsonObject
        {
            ["ws"] = new JsonObject
            {
                ["method"] = "GET",
                ["query"] = new JsonObject
                {
                    ["type"] = "object",
                    ["properties"] = new JsonObject
                    {
                        ["token"] = new JsonObject { ["type"] = "string" },
                        [TokenAuthentication.TicketParameter] = new JsonObject { ["type"] = "string" },
                    },
                },
            },
        },
    };

    /// <summary>A frame, from the server's side.</summary>
    private static (string Name, JsonNode Value) Receive(WsEntry frame)
    {
        var answers = new[] { WsModel.Answers.GetValueOrDefault(frame.Record), typeof(Ack), typeof(Error) }.OfType<Type>();
        return ("receive_" + frame.Name, new JsonObject
        {
            ["action"] = "receive",
            ["channel"] = Reference("#/channels/", Channel),
            ["title"] = $"A client sends `{frame.Name}`",
            ["messages"] = new JsonArray(Reference($"#/channels/{Channel}/messages/", frame.Name)),
            ["reply"] = new JsonObject
            {
                ["channel"] = Reference("#/channels/", Channel),
                ["messages"] = new JsonArray([.. answers.Select(answer => Reference($"#/channels/{Channel}/messages/", answer.Name))]),
            },
        });
    }

    private static (string Name, JsonNode Value) Send(WsEntry entry, XmlComments comments) => ("send_" + entry.Name, new JsonObject
    {
        ["action"] = "send",
        ["channel"] = Reference("#/channels/", Channel),
        ["title"] = $"The server sends `{entry.Name}`",
        ["summary"] = comments.Summary(entry.Record),
        ["messages"] = new JsonArray(Reference($"#/channels/{Channel}/messages/", entry.Name)),
    });

    private static (string Name, JsonNode Value) Message(WsEntry entry, string door, WireSchemas schemas, XmlComments comments)
    {
        var message = new JsonObject
        {
            ["name"] = entry.Name,
            ["title"] = entry.Name,
            ["summary"] = comments.Summary(entry.Record),
            ["payload"] = schemas.Reference(entry.Record),
            ["examples"] = new JsonArray([.. Examples.AllOnWire(entry.Record, ChatJson.Options)
                .Select(example => new JsonObject { ["payload"] = JsonNode.Parse(example) })]),
        };
        if (entry.HubName is { } name)
        {
            message[door] = name;
        }

        return (entry.Name, message);
    }

    private static JsonObject ErrorCode(System.Reflection.FieldInfo constant, XmlComments comments)
    {
        var error = Errors.ErrorCatalog.Of((string)constant.GetRawConstantValue()!);
        return new JsonObject
        {
            ["code"] = error.Code,
            ["status"] = Errors.ErrorCatalog.Status(error.Code),
            ["description"] = comments.Summary(constant),
            ["example"] = JsonSerializer.SerializeToNode<ServerEvent>(error, ChatJson.Options),
        };
    }

    private static JsonObject InQuery(string name, string description) =>
        new() { ["type"] = "httpApiKey", ["in"] = "query", ["name"] = name, ["description"] = description };

    private static JsonObject Reference(string folder, string name) => new() { ["$ref"] = folder + name };

    private static JsonObject Object(params (string Name, JsonNode Value)[] members) =>
        new(members.Select(member => KeyValuePair.Create(member.Name, (JsonNode?)member.Value)));
}
