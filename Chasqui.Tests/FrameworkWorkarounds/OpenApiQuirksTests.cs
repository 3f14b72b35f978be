using Chasqui.Server.FrameworkWorkarounds;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
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

        JsonSchemaType?[] expected = [JsonSchemaType.Null, null];
        Assert.Equal(expected, body.Schema!.OneOf!.Select(schema => (schema as OpenApiSchema)?.Type).ToArray());
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
