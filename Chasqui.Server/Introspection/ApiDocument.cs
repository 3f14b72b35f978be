using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Chasqui.Server.Introspection;

/// <summary>
/// The OpenAPI document as it is served. It is made once: the framework would make it anew for everybody who asks, which
/// takes a tenth of a second, and anybody may ask.
/// </summary>
internal sealed class ApiDocument([FromKeyedServices(ApiDocument.Name)] IOpenApiDocumentProvider provider)
{
    public const string Name = "v1";

    private Task<byte[]>? _json;

    public static async Task<FileContentHttpResult> ServeAsync(ApiDocument document) =>
        TypedResults.Bytes(await document.JsonAsync(), "application/json;charset=utf-8");

    private Task<byte[]> JsonAsync() => LazyInitializer.EnsureInitialized(ref _json, WriteAsync);

    private async Task<byte[]> WriteAsync()
    {
        // Whoever asks first may go away; the document is for the others too.
        var document = await provider.GetOpenApiDocumentAsync(CancellationToken.None);
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        document.SerializeAs(OpenApiSpecVersion.OpenApi3_1, new OpenApiJsonWriter(text));
        return System.Text.Encoding.UTF8.GetBytes(text.ToString());
    }
}
