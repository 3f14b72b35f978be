using System.Text.Json.Nodes;
using Chasqui.Server.Errors;
using Chasqui.Server.FrameworkWorkarounds;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Chasqui.Server.Introspection;

/// <summary>
/// Adds to the schemas what the framework does not know: our converters, required fields, descriptions, examples.
/// </summary>
internal sealed class SchemaDocs(WireShapes shapes) : IOpenApiSchemaTransformer
{
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        var isId = WireShapes.Prefix(type) is not null;
        OpenApiQuirks.RemoveNull(schema);
        if (type == typeof(ProblemDetails))
        {
            DescribeProblem(schema);
        }
        else if (isId)
        {
            DescribeId(schema, type);
        }
        else if (type == typeof(DateTimeOffset))
        {
            schema.Type = JsonSchemaType.String;
        }
        else if (schema.Properties is not null)
        {
            schema.Required = shapes.Fields(type).Where(field => field.IsRequired).Select(field => field.Name).ToHashSet();
            schema.Description = shapes.Comments.Summary(type);
            if (WireShapes.Discriminator(type) is { } name && schema.Properties.TryGetValue("type", out var discriminator))
            {
                discriminator.Description = $"Always `{name}`.";
            }

            schema.Examples = Examples.Of(type, shapes.Json) is { } example ? [example] : null;
        }
        else if (context.JsonTypeInfo.ElementType is { } element && WireShapes.Prefix(element) is not null)
        {
            schema.Items = DescribeId(new OpenApiSchema(), element);
        }

        // The schema of an id is shared by several properties.
        if (!isId && context.JsonPropertyInfo is { AttributeProvider: PropertyInfo } property)
        {
            schema.Description = shapes.Description(property) ?? schema.Description;
        }

        return Task.CompletedTask;
    }

    private OpenApiSchema DescribeId(OpenApiSchema schema, Type type)
    {
        schema.Type = JsonSchemaType.String;
        schema.Pattern = WireShapes.IdPattern(type, isInput: false);
        schema.Description = shapes.Comments.Summary(type);
        schema.Examples = [JsonValue.Create(Examples.Id(type))];
        return schema;
    }

    private static void DescribeProblem(OpenApiSchema schema)
    {
        schema.Description = "A refused call (RFC 9457), with `message` and `code` in addition.";
        schema.Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = Text("A URI that names the kind of problem, or `about:blank`."),
            ["title"] = Text("The HTTP status in words."),
            ["status"] = Number("The HTTP status."),
            ["detail"] = Text("One sentence for people."),
            [Refusal.MessageMember] = Text("The same sentence as `detail`."),
            [Refusal.CodeMember] = Text("The reason, for programs. Codes never change; later versions may add some."),
            [Refusal.RetryAfterMember] = Number(
                "How long to wait before trying again, in milliseconds; absent where waiting does not help."),
        };
        schema.Required = schema.Properties.Keys.Where(name => name != Refusal.RetryAfterMember).ToHashSet();
    }

    private static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };

    private static OpenApiSchema Number(string description) => new() { Type = JsonSchemaType.Integer, Description = description };
}
