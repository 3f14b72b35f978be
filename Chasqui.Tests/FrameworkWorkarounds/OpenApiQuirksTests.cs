using Chasqui.Server.FrameworkWorkarounds;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Chasqui.Tests.FrameworkWorkarounds;

public sealed class OpenApiQuirksTests
{
    [Fact]
    public async Task EndpointWithoutAMethodIsLeftOutUnlessItIsDescribed()
    {
        var document = await DocumentAsync(app =>
        {
            RequestDelegate handler = context => Task.CompletedTask;
            app.MapGet("/plain", handler);
            app.MapHealthChecks("/health").WithMetadata(new HttpMethodMetadata(["GET"]));
            app.MapHealthChecks("/described").WithMetadata(new HttpMethodMetadata(["GET"]), OpenApiQuirks.Describe(handler));
        });

        Assert.DoesNotContain("/health", document.Paths.Keys);
        Assert.Contains("/described", document.Paths.Keys);
    }

    [Fact]
    public async Task OptionalBodyIsOneOfNullAndTheObject()
    {
        var document = await DocumentAsync(app => app.MapPost("/", (Change? change) => change is null));
        var body = (OpenApiMediaType)document.Paths["/"].Operations![HttpMethod.Post].RequestBody!.Content!["application/json"];

        Assert.Equal([JsonSchemaType.Null, null], body.Schema!.OneOf!.Select(schema => (schema as OpenApiSchema)?.Type));
        OpenApiQuirks.RemoveNull(body);
        Assert.IsType<OpenApiSchemaReference>(body.Schema);
    }

    private static async Task<OpenApiDocument> DocumentAsync(Action<WebApplication> map)
    {
        await using var bare = new BareApp();
        // As a method group: for a direct call the package generates code that this project would have to allow.
        Func<IServiceCollection, IServiceCollection> add = OpenApiServiceCollectionExtensions.AddOpenApi;
        add(bare.Builder.Services).AddHealthChecks();
        using var http = await bare.StartAsync(map);
        return await bare.App.Services.GetRequiredKeyedService<IOpenApiDocumentProvider>("v1").GetOpenApiDocumentAsync();
    }

    private sealed record Change(bool Completed);
}
