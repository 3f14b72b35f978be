using System.Text.Json.Nodes;
using Chasqui.Protocol;

namespace Chasqui.Server.Introspection;

/// <summary>
/// Frames, events and what is inside them as JSON Schema, draft 7: what AsyncAPI takes without being told. Objects are left
/// open, since fields may come.
/// </summary>
internal sealed class WireSchemas(WireShapes shapes, XmlComments comments)
{
    private const string Folder = "#/components/schemas/";

    /// <summary>The schemas that were referred to, by name.</summary>
    public JsonObject All { get; } = [];

    /// <summary>Refers to a record's schema.</summary>
    public JsonObject Reference(Type record)
    {
        if (!All.ContainsKey(record.Name))
        {
            All[record.Name] = null;
            All[record.Name] = Describe(record);
        }

        return new JsonObject { ["$ref"] = Folder + record.Name };
    }

    private JsonObject Describe(Type record)
    {
        var fields = shapes.Fields(record);
        var properties = new JsonObject();
        var required = fields.Where(field => field.IsRequired).Select(field => field.Name);
        if (TypeOnWire(record) is { } type)
        {
            properties["type"] = new JsonObject { ["type"] = "string", ["const"] = type, ["description"] = "Which frame or event this is." };
            required = required.Prepend("type");
        }

        foreach (var field in fields)
        {
            properties[field.Name] = Describe(field, isInput: record.IsSubclassOf(typeof(ClientFrame)));
        }

        var schema = new JsonObject
        {
            ["type"] = "object",
            ["description"] = comments.Summary(record),
            ["properties"] = properties,
        };
        if (required.Select(name => JsonValue.Create(name)).ToArray<JsonNode>() is { Length: > 0 } names)
        {
            schema["required"] = new JsonArray(names);
        }

        return schema;
    }

    private JsonObject Describe(WireField field, bool isInput)
    {
        var schema = Describe(Nullable.GetUnderlyingType(field.Clr) ?? field.Clr, isInput);
        if (field.Length is { } length)
        {
            schema["minLength"] = length.MinimumLength;
            schema["maxLength"] = length.MaximumLength;
        }

        // Beside a reference, draft 7 reads nothing.
        var described = schema.ContainsKey("$ref") ? new JsonObject { ["allOf"] = new JsonArray(schema) } : schema;
        described["description"] = field.Description;
        return described;
    }

    private JsonObject Describe(Type type, bool isInput) =>
        type == typeof(string) ? new JsonObject { ["type"] = "string" }
        : type == typeof(bool) ? new JsonObject { ["type"] = "boolean" }
        : type == typeof(int) || type == typeof(long) ? new JsonObject { ["type"] = "integer", ["minimum"] = 0 }
        : type == typeof(DateTimeOffset) ? new JsonObject { ["type"] = "string", ["format"] = "date-time", ["pattern"] = @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$" }
        : WireShapes.Prefix(type) is { } prefix ? new JsonObject
        {
            ["type"] = "string",
            ["pattern"] = isInput ? IdPattern.OnInput([prefix, .. WireShapes.Aliases(type)]) : IdPattern.OnOutput(prefix),
            ["examples"] = new JsonArray(Examples.Id(type)),
        }
        : shapes.Element(type) is { } element ? new JsonObject { ["type"] = "array", ["items"] = Describe(element, isInput) }
        : Reference(type);

    private static string? TypeOnWire(Type record) => WireShapes.Discriminators(typeof(ClientFrame))
        .Concat(WireShapes.Discriminators(typeof(ServerEvent)))
        .FirstOrDefault(known => known.Type == record).Name;
}
