using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using Chasqui.Protocol.Json;
using Chasqui.Server.Configuration;
using Chasqui.Server.Errors;
using Chasqui.Server.Transports.RawWebSocket;
using Chasqui.Server.Transports.SignalR;

namespace Chasqui.Server.Introspection;

/// <summary>
/// The raw WebSocket as an AsyncAPI 3 document, from the same model as <c>--list-ws</c>. Fields whose names begin with <c>x-</c>
/// hold what AsyncAPI cannot describe: hub methods and events, error codes, close codes, features.
/// </summary>
internal sealed class AsyncApiDocument(WireShapes shapes)
{
    public const string Path = "/asyncapi.json";

    private const string Description = $"""
        The raw JSON WebSocket of Chasqui: one JSON object per text message, in both directions. REST is described by
        `{Docs.Document}`.

        The handshake takes a token (`?token=`, from `POST /api/login`) or a ticket (`?ticket=`, from `POST /api/ws/ticket`),
        which is valid for one handshake and keeps the token out of the address.

        A frame that cannot be served gets one `Error`, and the connection stays open. A frame with a `request_id` gets exactly
        one answer, an `Ack` or an `Error` with the same id; a frame without one is answered only if it is refused. `hello` also gets
        `Welcome`, and `ping` also gets `Pong`. A connection gets `NewMessage` and `Error`, and the `Ack` of a frame with a
        `request_id`; it gets the other events after it has sent `hello`.

        Later versions may add fields, events and codes: ignore those that you do not know.

        SignalR clients use the same records at `{SignalREndpoint.Path}`: a frame without its `type` is the argument of its hub
        method (`x-hub-method`), an event without its `type` that of its hub event (`x-hub-event`). Hub methods return the `Ack`. SignalR
        clients are opted in from the start.

        {SocketModel.HubRefusals}
        """;

    /// <summary>All that does not depend on the records.</summary>
    private const string Skeleton = $$"""
        {
          "asyncapi": "3.0.0",
          "info": { "title": "Chasqui", "version": "", "description": "", "license": { "name": "MIT" } },
          "defaultContentType": "application/json",
          "servers": { "server": {
            "host": "{host}", "protocol": "ws",
            "description": "The address of the server; `wss` if a proxy in front of it terminates TLS.",
            "variables": { "host": { "default": "localhost:8080" } },
            "security": [{ "$ref": "#/components/securitySchemes/token" }, { "$ref": "#/components/securitySchemes/ticket" }]
          } },
          "channels": { "chat": {
            "address": "{{RawEndpoint.Path}}", "title": "The raw WebSocket", "messages": {},
            "bindings": { "ws": { "method": "GET", "query": {
              "type": "object", "properties": { "token": { "type": "string" }, "ticket": { "type": "string" } }
            } } }
          } },
          "operations": {},
          "components": { "messages": {}, "schemas": {}, "securitySchemes": {
            "token": { "type": "httpApiKey", "in": "query", "name": "token",
              "description": "A token of `POST /api/login`; an `Authorization: Bearer` header is accepted as well." },
            "ticket": { "type": "httpApiKey", "in": "query", "name": "ticket",
              "description": "A ticket of `POST /api/ws/ticket`, for one handshake." }
          } }
        }
        """;

    private static readonly JsonSerializerOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lazy<byte[]> _json = new(() => JsonSerializer.SerializeToUtf8Bytes(WithoutNulls(Write(shapes)), Writing));

    public static FileContentHttpResult Serve(AsyncApiDocument document) =>
        TypedResults.Bytes(document._json.Value, Docs.JsonType);

    private static JsonNode Write(WireShapes shapes)
    {
        var document = JsonNode.Parse(Skeleton)!;
        document["info"]!["version"] = ServerVersion.Current;
        document["info"]!["description"] = Description;
        var schemas = new WireSchemas(shapes, (JsonObject)document["components"]!["schemas"]!);
        foreach (var frame in SocketModel.Frames)
        {
            document["operations"]!["receive_" + frame.Name] = Receive(frame);
            Add(frame, "x-hub-method");
        }

        foreach (var entry in SocketModel.Events)
        {
            document["operations"]!["send_" + entry.Name] = Send(entry, shapes.Comments);
            Add(entry, "x-hub-event");
        }

        document["x-error-codes"] = new JsonArray([.. SocketModel.Codes.Select(known =>
            ErrorCode(known.Code, shapes.Comments.Summary(known.Constant)))]);
        document["x-close-codes"] = new JsonArray([.. SocketModel.CloseCodes.Select(end =>
            new JsonObject { ["code"] = end.Code, ["reason"] = end.Reason, ["advice"] = end.Advice })]);
        document["x-features"] = new JsonArray([.. ProtocolEndpoint.Features.Select(feature =>
            new JsonObject { ["name"] = feature.Name, ["description"] = feature.Description })]);
        return document;

        void Add(SocketEntry entry, string hubField)
        {
            document["channels"]!["chat"]!["messages"]![entry.Name] = Reference("#/components/messages/" + entry.Name);
            document["components"]!["messages"]![entry.Name] = new JsonObject
            {
                ["name"] = entry.Name,
                ["title"] = entry.Name,
                ["summary"] = shapes.Comments.Summary(entry.Record),
                ["payload"] = schemas.Reference(entry.Record),
                ["examples"] = new JsonArray([.. Examples.OnWire(entry.Record, ChatJson.Options)
                    .Select(example => new JsonObject { ["payload"] = JsonNode.Parse(example) })]),
                [hubField] = entry.HubName,
            };
        }
    }

    /// <summary>A missing comment or hub name leaves no field.</summary>
    private static JsonNode? WithoutNulls(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields.Where(field => field.Value is not null)
            .Select(field => KeyValuePair.Create(field.Key, WithoutNulls(field.Value)))),
        JsonArray items => new JsonArray([.. items.Select(WithoutNulls)]),
        _ => node?.DeepClone(),
    };

    /// <summary>A frame: AsyncAPI describes the server, which receives it.</summary>
    private static JsonObject Receive(SocketEntry frame) => new()
    {
        ["action"] = "receive",
        ["channel"] = Reference("#/channels/chat"),
        ["title"] = $"A client sends `{frame.Name}`",
        ["messages"] = Messages(frame.Name),
        ["reply"] = new JsonObject
        {
            ["channel"] = Reference("#/channels/chat"),
            ["messages"] = Messages(SocketModel.Answers.GetValueOrDefault(frame.Record)?.Name, nameof(Ack), nameof(Error)),
        },
    };

    private static JsonObject Send(SocketEntry entry, XmlComments comments) => new()
    {
        ["action"] = "send",
        ["channel"] = Reference("#/channels/chat"),
        ["title"] = $"The server sends `{entry.Name}`",
        ["summary"] = comments.Summary(entry.Record),
        ["messages"] = Messages(entry.Name),
    };

    private static JsonArray Messages(params string?[] names) =>
        [.. names.OfType<string>().Select(name => Reference("#/channels/chat/messages/" + name))];

    private static JsonObject ErrorCode(string code, string? description) => new()
    {
        ["code"] = code,
        ["status"] = ErrorCatalog.Status(code),
        ["description"] = description,
        ["example"] = JsonSerializer.SerializeToNode<ServerEvent>(ErrorCatalog.Of(code), ChatJson.Options),
    };

    private static JsonObject Reference(string target) => new() { ["$ref"] = target };

    /// <summary>
    /// Records as JSON Schema, draft 7, the default of AsyncAPI. Objects allow unknown fields: later versions may add some.
    /// </summary>
    private sealed class WireSchemas(WireShapes shapes, JsonObject schemas)
    {
        public JsonObject Reference(Type record)
        {
            if (!schemas.ContainsKey(record.Name))
            {
                schemas[record.Name] = null;
                schemas[record.Name] = Describe(record);
            }

            return AsyncApiDocument.Reference("#/components/schemas/" + record.Name);
        }

        private JsonObject Describe(Type record)
        {
            var fields = shapes.Fields(record);
            var properties = new JsonObject();
            var required = fields.Where(field => field.IsRequired).Select(field => field.Name);
            if (WireShapes.Discriminator(record) is { } type)
            {
                properties["type"] = new JsonObject
                {
                    ["type"] = "string",
                    ["const"] = type,
                    ["description"] = "The name of the frame or event.",
                };
                required = required.Prepend("type");
            }

            foreach (var field in fields)
            {
                properties[field.Name] = Describe(field, isInput: record.IsSubclassOf(typeof(ClientFrame)));
            }

            return new JsonObject
            {
                ["type"] = "object",
                ["description"] = shapes.Comments.Summary(record),
                ["properties"] = properties,
                ["required"] = required.Any() ? new JsonArray([.. required.Select(name => JsonValue.Create(name))]) : null,
            };
        }

        private JsonObject Describe(WireField field, bool isInput)
        {
            var schema = Describe(Nullable.GetUnderlyingType(field.Clr) ?? field.Clr, isInput);
            if (field.Length is { } length)
            {
                schema["minLength"] = length.MinimumLength;
                schema["maxLength"] = length.MaximumLength;
            }

            // Draft 7 ignores the siblings of a reference.
            var described = schema.ContainsKey("$ref") ? new JsonObject { ["allOf"] = new JsonArray(schema) } : schema;
            described["description"] = field.Description;
            return described;
        }

        private JsonObject Describe(Type type, bool isInput) =>
            type == typeof(string) ? new JsonObject { ["type"] = "string" }
            : type == typeof(bool) ? new JsonObject { ["type"] = "boolean" }
            : type == typeof(int) || type == typeof(long) ? new JsonObject { ["type"] = "integer", ["minimum"] = 0 }
            : type == typeof(DateTimeOffset) ? new JsonObject
            {
                ["type"] = "string",
                ["format"] = "date-time",
                ["pattern"] = @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
            }
            : WireShapes.Prefix(type) is not null ? new JsonObject
            {
                ["type"] = "string",
                ["pattern"] = WireShapes.IdPattern(type, isInput),
                ["examples"] = new JsonArray(Examples.Id(type)),
            }
            : shapes.Element(type) is { } element ? new JsonObject { ["type"] = "array", ["items"] = Describe(element, isInput) }
            : Reference(type);
    }
}
