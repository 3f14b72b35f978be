using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Chasqui.Tests.Introspection;

/// <summary>
/// The schemas of a served document, closed: clients have to take fields that they do not know, and these do not, so that
/// nothing can be sent that is not described.
/// </summary>
internal sealed class ServedSchemas
{
    private const string Folder = "#/components/schemas/";
    private const string Definitions = "#/$defs/";

    private static readonly EvaluationOptions Strict = new() { OutputFormat = OutputFormat.List };

    private readonly JsonNode _definitions;

    public ServedSchemas(JsonNode document)
    {
        _definitions = Moved(document["components"]!["schemas"]!);
        foreach (var (_, schema) in _definitions.AsObject())
        {
            Close(schema!);
        }
    }

    /// <summary>What is wrong with a value; nothing, where it is as the schema says.</summary>
    public string? Problem(JsonNode schema, JsonNode? value)
    {
        var root = Moved(schema).AsObject();
        Close(root);
        root["$defs"] = _definitions.DeepClone();
        var json = value?.ToJsonString() ?? "null";
        var result = JsonSchema.FromText(root.ToJsonString()).Evaluate(JsonDocument.Parse(json).RootElement, Strict);
        return result.IsValid ? null : json + "\n" + string.Join('\n', (result.Details ?? [])
            .Where(detail => detail.Errors is { Count: > 0 })
            .Select(detail => $"{detail.InstanceLocation} {string.Join("; ", detail.Errors!.Values)} ({detail.EvaluationPath})"));
    }

    private static JsonNode Moved(JsonNode schema) =>
        JsonNode.Parse(schema.ToJsonString().Replace(Folder, Definitions, StringComparison.Ordinal))!;

    private static void Close(JsonNode schema)
    {
        if (schema is not JsonObject described)
        {
            return;
        }

        // A keyword of OpenAPI only.
        described.Remove("discriminator");
        if (described["properties"] is JsonObject properties)
        {
            described["additionalProperties"] = false;
            foreach (var (_, property) in properties)
            {
                Close(property!);
            }
        }

        foreach (var inner in new[] { "allOf", "anyOf", "oneOf" }.SelectMany(name => described[name]?.AsArray() ?? []).Append(described["items"]).OfType<JsonNode>())
        {
            Close(inner);
        }
    }
}
