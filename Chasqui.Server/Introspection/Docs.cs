using System.Text.Json;
using Chasqui.Protocol;
using Chasqui.Server.Page;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using NSwag.AspNetCore;

namespace Chasqui.Server.Introspection;

/// <summary>What the server says of itself: OpenAPI for REST, AsyncAPI for the sockets, and pages that show both.</summary>
internal static class Docs
{
    public const string Path = "/docs";
    public const string Document = "/openapi/v1.json";

    /// <summary>Swagger UI, where REST can be tried.</summary>
    public const string RestPath = Path + "/rest";

    // There is one document, so the bar that chooses one says nothing.
    private const string Styles = """
        .swagger-ui .topbar { display: none }
        .swagger-ui .info { margin: 30px 0 }
        .swagger-ui .info table { max-width: 900px }
        .swagger-ui .info td { vertical-align: top }
        .swagger-ui .renderedMarkdown h3 { font-size: 16px }
        .swagger-ui .response-col_links { display: none }
        """;

    public static IServiceCollection AddIntrospection(this IServiceCollection services)
    {
        services.AddSingleton(_ => new XmlComments(typeof(ClientFrame).Assembly, typeof(Docs).Assembly));
        services.AddSingleton(provider => new WireShapes(Json(provider), provider.GetRequiredService<XmlComments>()));
        services.AddSingleton<ApiDocument>();
        services.AddSingleton<AsyncApiDocument>();
        services.AddOpenApi(ApiDocument.Name, options => options
            .AddSchemaTransformer<SchemaDocs>()
            .AddOperationTransformer<OperationDocs>()
            .AddDocumentTransformer<DocumentDocs>());
        return services;
    }

    public static JsonSerializerOptions Json(IServiceProvider services) =>
        services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;

    /// <summary>Whether there is nothing but docs at this address: the same for everybody.</summary>
    public static bool IsAt(PathString address) =>
        address == Document || address == AsyncApiDocument.Path || address.StartsWithSegments(Path);

    public static void MapIntrospection(this WebApplication app)
    {
        app.MapMethods(Document, PageEndpoints.Reading, ApiDocument.ServeAsync).WithSummary("REST as an OpenAPI document").ExcludeFromDescription();
        app.MapMethods(AsyncApiDocument.Path, PageEndpoints.Reading, AsyncApiDocument.Serve).WithSummary("The raw WebSocket as an AsyncAPI document").ExcludeFromDescription();
        app.MapDocsPage();
        app.UseWhen(http => http.Request.Path == RestPath + "/index.html", page => page.Use(DocsPolicy.SetAsync));
        app.UseSwaggerUi(settings =>
        {
            settings.Path = RestPath;
            // A route, not DocumentPath: with that the page works only when it was reached through the redirect.
            settings.SwaggerRoutes.Add(new SwaggerUiRoute("Chasqui", "../.." + Document));
            // By itself it writes X-Forwarded-Prefix into the page's script, whoever sent it and whatever it holds.
            settings.TransformToExternalPath = (path, _) => path;
            settings.CustomHeadContent = "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">";
            settings.DocumentTitle = "Chasqui: REST";
            settings.DocExpansion = "list";
            settings.DefaultModelsExpandDepth = 0;
            settings.PersistAuthorization = true;
            settings.CustomInlineStyles = Styles;
        });
    }
}
