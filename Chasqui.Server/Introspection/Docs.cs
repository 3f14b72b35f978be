namespace Chasqui.Server.Introspection;

/// <summary>The OpenAPI document, and a page that shows it.</summary>
internal static class Docs
{
    public const string Path = "/docs";
    public const string Document = "/openapi/v1.json";

    public static IServiceCollection AddIntrospection(this IServiceCollection services)
    {
        services.AddOpenApi("v1");
        return services;
    }

    public static void MapIntrospection(this WebApplication app)
    {
        app.MapOpenApi();
        app.UseSwaggerUi(settings =>
        {
            settings.Path = Path;
            settings.DocumentPath = Document;
            settings.DocumentTitle = "Chasqui";
        });
    }
}
