using Microsoft.OpenApi;

namespace Chasqui.Server.FrameworkWorkarounds;

/// <summary>
/// What <c>Microsoft.AspNetCore.OpenApi</c> writes otherwise than this API behaves, or does not write without a hint.
/// </summary>
internal static class OpenApiQuirks
{
    /// <summary>
    /// The metadata without which the generator leaves out an endpoint that has no handler method, such as a health check: it
    /// describes only endpoints with a <see cref="System.Reflection.MethodInfo"/>.
    /// </summary>
    public static object Describe(Delegate handler) => handler.Method;

    /// <summary>
    /// Takes <c>null</c> out of a type: an absent field is never written as null, and null on input means absent.
    /// </summary>
    public static void RemoveNull(OpenApiSchema schema) => schema.Type &= ~JsonSchemaType.Null;

    /// <summary>
    /// Takes <c>null</c> out of the schema of a body that may be left out: the generator writes "one of null and the object"
    /// (https://github.com/dotnet/aspnetcore/pull/63301).
    /// </summary>
    public static void RemoveNull(OpenApiMediaType body) => body.Schema = WithoutNull(body.Schema);

    /// <summary>The same for the fields of an object.</summary>
    public static void RemoveNulls(IDictionary<string, IOpenApiSchema> fields)
    {
        foreach (var (name, schema) in fields.ToArray())
        {
            fields[name] = WithoutNull(schema)!;
        }
    }

    private static IOpenApiSchema? WithoutNull(IOpenApiSchema? schema) => schema is { OneOf: [_, var other] } ? other : schema;
}
