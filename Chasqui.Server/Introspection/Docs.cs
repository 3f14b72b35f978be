using Chasqui.Server.FrameworkWorkarounds;
using Chasqui.Server.Page;
using NSwag.AspNetCore;

namespace Chasqui.Server.Introspection;

/// <summary>OpenAPI for REST, AsyncAPI for the sockets, and the pages that show both.</summary>
internal static class Docs
{
    public const string Path = "/docs";
    public const string Document = "/openapi/v1.json";
    public const string JsonType = "application/json;charset=utf-8";

    /// <summary>Swagger UI, where REST can be tried.</summary>
    private const string RestPath = Path + "/rest";

    // Without the bar that chooses a document: there is only one.
    private const string Styles = """
        .swagger-ui .topbar { display: none }
        .swagger-ui .info { margin: 30px 0 }
        .swagger-ui .info table { max-width: 900px }
        .swagger-ui .info td { vertical-align: top }
        .swagger-ui .renderedMarkdown h3 { font-size: 16px }
        .swagger-ui .response-col_links { display: none }
        """;

    public static IServiceCollection AddIntrospection(this IServiceCollection services) => services
        .AddSingleton(provider => new WireShapes(
            Json(provider), new XmlComments(typeof(ClientFrame).Assembly, typeof(Docs).Assembly)))
        .AddSingleton<ApiDocument>()
        .AddSingleton<AsyncApiDocument>()
        .AddOpenApi(ApiDocument.Name, options => options
            .AddSchemaTransformer<SchemaDocs>()
            .AddOperationTransformer<OperationDocs>()
            .AddDocumentTransformer<DocumentDocs>());

    public static JsonSerializerOptions Json(IServiceProvider services) =>
        services.GetRequiredService<IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>>().Value.SerializerOptions;

    /// <summary>Whether an address holds public documentation only, which caches may keep.</summary>
    public static bool IsAt(PathString address) =>
        address == Document || address == AsyncApiDocument.Path || address.StartsWithSegments(Path);

    public static void MapIntrospection(this WebApplication app)
    {
        app.MapMethods(Document, PageEndpoints.Reading, ApiDocument.ServeAsync)
            .WithSummary("REST as an OpenAPI document").ExcludeFromDescription();
        app.MapMethods(AsyncApiDocument.Path, PageEndpoints.Reading, AsyncApiDocument.Serve)
            .WithSummary("The raw WebSocket as an AsyncAPI document").ExcludeFromDescription();
        app.MapMethods(Path, PageEndpoints.Reading, (HttpContext http) => ServePage(http))
            .WithSummary("The documentation as a page").ExcludeFromDescription();
        app.MapMethods(Path + "/{file}", PageEndpoints.Reading, (HttpContext http, string file) => ServeFile(http, file))
            .WithSummary("The files of that page").ExcludeFromDescription();
        app.UseWhen(http => http.Request.Path == RestPath + "/index.html", page => page.Use(SwaggerUiPolicy.SetAsync));
        app.UseSwaggerUi(settings =>
        {
            settings.Path = RestPath;
            // A route, not DocumentPath: with that the page works only when it was reached through the redirect.
            settings.SwaggerRoutes.Add(new SwaggerUiRoute("Chasqui", "../.." + Document));
            SwaggerUiPolicy.IgnoreForwardedPrefix(settings);
            settings.CustomHeadContent = "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">";
            settings.DocumentTitle = "Chasqui: REST";
            settings.DocExpansion = "list";
            settings.DefaultModelsExpandDepth = 0;
            settings.CustomInlineStyles = Styles;
        });
    }

    /// <summary>The page's links to its files are relative, so that it works behind a proxy that adds a path.</summary>
    private static IResult ServePage(HttpContext http) => http.Request.Path.Value!.EndsWith('/')
        ? ServeFile(http, PageFiles.Index)
        : TypedResults.Redirect(Path[1..] + "/");

    private static Results<FileContentHttpResult, ProblemHttpResult> ServeFile(HttpContext http, string file) =>
        PageEndpoints.Serve(http, Path[1..] + "/" + file);
}
