using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Chasqui.Server.Introspection;

/// <summary>
/// The OpenAPI document. It is generated once: the framework would generate it for every request, which takes a tenth of a
/// second, and the document is public.
/// </summary>
internal sealed class ApiDocument([FromKeyedServices(ApiDocument.Name)] IOpenApiDocumentProvider provider)
{
    public const string Name = "v1";

    private Task<byte[]>? _json;

    /// <summary>The lock under which the first call starts the task that generates it.</summary>
    private object? _generating;

    public static async Task<FileContentHttpResult> ServeAsync(ApiDocument document) =>
        TypedResults.Bytes(
            await LazyInitializer.EnsureInitialized(
                ref document._json, ref document._generating, () => Task.Run(document.WriteAsync)),
            Docs.JsonType);

    private async Task<byte[]> WriteAsync()
    {
        // Not cancelled by the first request: all requests share the result.
        var document = await provider.GetOpenApiDocumentAsync(CancellationToken.None);
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        document.SerializeAs(OpenApiSpecVersion.OpenApi3_1, new OpenApiJsonWriter(text));
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
