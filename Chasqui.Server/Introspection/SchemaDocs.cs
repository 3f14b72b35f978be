using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chasqui.Server.Errors;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Chasqui.Server.Introspection;

/// <summary>Gives the schemas what the framework cannot know: our converters, what is required, descriptions, examples.</summary>
internal sealed class SchemaDocs(WireShapes shapes, XmlComments comments, IServiceProvider services) : IOpenApiSchemaTransformer
{
    private readonly JsonSerializerOptions _json = Docs.Json(services);

    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        // What is optional is left out: null is never written, and on input means the same as nothing.
        schema.Type &= ~JsonSchemaType.Null;
        if (type == typeof(ProblemDetails))
        {
            DescribeProblem(schema);
        }
        else if (WireShapes.Prefix(type) is { } prefix)
        {
            DescribeId(schema, type, prefix);
        }
        else if (type == typeof(DateTimeOffset))
        {
            schema.Type = JsonSchemaType.String;
        }
        else if (schema.Properties is not null)
        {
            DescribeObject(schema, type);
        }
        else if (context.JsonTypeInfo.ElementType is { } element && WireShapes.Prefix(element) is { } elementPrefix)
        {
            var item = new OpenApiSchema();
            DescribeId(item, element, elementPrefix);
            schema.Items = item;
        }

        // An id is a schema of its own, which other properties share.
        if (WireShapes.Prefix(type) is null && context.JsonPropertyInfo is { AttributeProvider: PropertyInfo } property)
        {
            schema.Description = shapes.Description(property) ?? schema.Description;
        }

        return Task.CompletedTask;
    }

    private void DescribeObject(OpenApiSchema schema, Type type)
    {
        schema.Required = shapes.Fields(type).Where(field => field.IsRequired).Select(field => field.Name).ToHashSet();
        schema.Description = comments.Summary(type);
        schema.Examples = Examples.Of(type, _json) is { } example ? [example] : null;
    }

    private void DescribeId(OpenApiSchema schema, Type type, string prefix)
    {
        schema.Type = JsonSchemaType.String;
        schema.Pattern = IdPattern.OnOutput(prefix);
        schema.Description = comments.Summary(type);
        schema.Examples = [JsonValue.Create(Examples.Id(type))];
    }

    private static void DescribeProblem(OpenApiSchema schema)
    {
        schema.Description = "A refused call (RFC 9457), with `message` and `code` besides.";
        schema.Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = Text("A URI that names the kind of problem, or `about:blank`."),
            ["title"] = Text("The HTTP status in words."),
            ["status"] = Number("The HTTP status."),
            ["detail"] = Text("One sentence for people."),
            [Refusal.MessageMember] = Text("The same sentence as `detail`."),
            [Refusal.CodeMember] = Text("The reason, for programs. Codes never change; new ones may come."),
            ["retry_after_ms"] = Number("How long to wait before trying again, in milliseconds; absent where waiting does not help."),
        };
        schema.Required = schema.Properties.Keys.Where(name => name != "retry_after_ms").ToHashSet();
    }

    private static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };

    private static OpenApiSchema Number(string description) => new() { Type = JsonSchemaType.Integer, Description = description };
}
