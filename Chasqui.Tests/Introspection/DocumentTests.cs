using System.Globalization;
using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Server.Introspection;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Introspection;

public sealed class DocumentTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Handshake = "/api/ws/chat";

    [Fact]
    public async Task EveryEndpointOfTheRunningServerIsInTheDocument()
    {
        var paths = (await DocumentAsync())["paths"]!;

        foreach (var endpoint in Endpoints())
        {
            var path = paths["/" + endpoint.RoutePattern.RawText!.Trim('/')]?.AsObject();
            Assert.True(path is { Count: > 0 }, $"{endpoint} is not in the document");
            if (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is [var method])
            {
                Assert.Contains(method, path.Select(operation => operation.Key), StringComparer.OrdinalIgnoreCase);
            }
        }
    }

    [Fact]
    public async Task EveryOperationSaysWhatItDoesAndAnswers()
    {
        foreach (var (name, operation) in Operations(await DocumentAsync()))
        {
            Assert.False(string.IsNullOrWhiteSpace(operation["summary"]?.GetValue<string>()), name);
            var json = operation["responses"]!["200"]?["content"]?["application/json"];
            if (name != "get " + Handshake)
            {
                Assert.True(json?["schema"] is not null, $"{name} has no schema for its answer");
                Assert.True(json["example"] is not null, $"{name} has no example of its answer");
            }
        }
    }

    [Fact]
    public async Task EveryBodyHasASchemaAndAnExample()
    {
        foreach (var (name, operation) in Operations(await DocumentAsync()).Where(entry => entry.Operation["requestBody"] is not null))
        {
            var json = operation["requestBody"]!["content"]!["application/json"]!;
            Assert.True(json["schema"]!["$ref"] is not null && json["example"] is not null, name);
        }
    }

    [Fact]
    public async Task WhereATokenIsNeededTheDocumentSaysSo()
    {
        var document = await DocumentAsync();
        foreach (var endpoint in Endpoints().Where(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is not null))
        {
            var path = "/" + endpoint.RoutePattern.RawText!.Trim('/');
            var open = endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;
            Assert.All(document["paths"]![path]!.AsObject(), operation =>
            {
                var schemes = operation.Value!["security"]!.AsArray().SelectMany(scheme => scheme!.AsObject()).Select(scheme => scheme.Key);
                Assert.Equal(!open, schemes.Contains("bearer"));
                Assert.True(open || operation.Value["responses"]!["401"] is not null, path);
            });
        }
    }

    [Fact]
    public async Task EveryRefusalIsAProblemThatNamesItsCodes()
    {
        var known = typeof(ErrorCodes).GetFields().Select(code => (string)code.GetRawConstantValue()!).ToHashSet();
        foreach (var (name, operation) in Operations(await DocumentAsync()))
        {
            foreach (var (status, answer) in operation["responses"]!.AsObject().Where(answer => answer.Key[0] is '4' or '5' && !name.EndsWith("/health/ready", StringComparison.Ordinal)))
            {
                var problem = answer!["content"]!["application/problem+json"]!;
                Assert.Equal("#/components/schemas/ProblemDetails", problem["schema"]!["$ref"]!.GetValue<string>());
                var examples = problem["examples"]!.AsObject();
                Assert.True(examples.Count > 0, $"{name} {status}");
                Assert.All(examples, example =>
                {
                    Assert.Contains(example.Key, known);
                    Assert.Equal(example.Key, example.Value!["value"]!["code"]!.GetValue<string>());
                    Assert.Equal(status, example.Value["value"]!["status"]!.GetValue<int>().ToString(CultureInfo.InvariantCulture));
                });
            }
        }
    }

    [Fact]
    public async Task SchemasAreInSnakeCaseWithIdsAsPatterns()
    {
        var schemas = (await DocumentAsync())["components"]!["schemas"]!;
        foreach (var (name, schema) in schemas.AsObject().Where(schema => schema.Value!["properties"] is not null))
        {
            Assert.All(schema!["properties"]!.AsObject(), property =>
            {
                Assert.Matches("^[a-z0-9_]+$", property.Key);
                Assert.False(string.IsNullOrWhiteSpace(property.Value!["description"]?.GetValue<string>()), $"{name}.{property.Key}");
            });
        }

        Assert.StartsWith("^user:", schemas["UserId"]!["pattern"]!.GetValue<string>());
        Assert.StartsWith("^conv:", schemas["ConversationId"]!["pattern"]!.GetValue<string>());
        Assert.StartsWith("^msg:", schemas["MessageId"]!["pattern"]!.GetValue<string>());
        Assert.Equal(["content"], schemas["NewContent"]!["required"]!.AsArray().Select(field => field!.GetValue<string>()));
        Assert.Equal(
            ["type", "title", "status", "detail", "message", "code"],
            schemas["ProblemDetails"]!["required"]!.AsArray().Select(field => field!.GetValue<string>()));
    }

    /// <summary>Making it takes a tenth of a second, and any client may ask.</summary>
    [Fact]
    public async Task TheDocumentIsMadeOnce()
    {
        var document = server.Services.GetRequiredService<ApiDocument>();
        var (first, second) = (await ApiDocument.ServeAsync(document), await ApiDocument.ServeAsync(document));

        Assert.True(first.FileContents.Equals(second.FileContents), "The same bytes at the same place");
    }

    [Fact]
    public async Task HistoryAnswersItsLimit()
    {
        var history = (await DocumentAsync())["paths"]!["/api/conversations/{id}/messages"]!["get"]!;
        var parameters = history["parameters"]!.AsArray().ToDictionary(parameter => parameter!["name"]!.GetValue<string>());

        Assert.Equal(["after", "around", "before", "id", "limit", "offset"], parameters.Keys.Order());
        var limit = parameters["limit"]!["schema"]!;
        Assert.Equal((1, 200, 50), (limit["minimum"]!.GetValue<int>(), limit["maximum"]!.GetValue<int>(), limit["default"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData("/api/users/{id}", "user:")]
    [InlineData("/api/conversations/{id}/messages", "conv:")]
    public async Task AnIdIsDescribedAsThatOfItsResource(string path, string prefix)
    {
        var id = (await DocumentAsync())["paths"]![path]!["get"]!["parameters"]!.AsArray().Single(parameter => parameter!.Text("name") == "id")!;
        Assert.StartsWith(prefix, id.Text("example"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheHandshakeTellsOfEveryFrameAndEvent()
    {
        var handshake = (await DocumentAsync())["paths"]![Handshake]!["get"]!;
        var text = handshake["description"]!.GetValue<string>();

        Assert.All(
            new[] { "hello", "join", "leave", "message", "ping", "NewMessage", "Error", "Ack", "Welcome", "Closing" },
            frame => Assert.Contains($"**`{frame}`**", text));
        Assert.NotNull(handshake["responses"]!["101"]);
    }

    [Fact]
    public async Task ThePageOfRestIsServed()
    {
        using var http = new HttpClient { BaseAddress = new Uri(server.Url) };

        var answer = await http.GetAsync("/docs/rest");

        var page = await answer.Content.ReadAsStringAsync();
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("<title>Chasqui: REST</title>", page);
        Assert.Contains("/openapi/v1.json", page);
    }

    private static IEnumerable<(string Name, JsonNode Operation)> Operations(JsonNode document) =>
        from path in document["paths"]!.AsObject()
        where !path.Key.StartsWith("/hubs", StringComparison.Ordinal)
        from operation in path.Value!.AsObject()
        select ($"{operation.Key} {path.Key}", operation.Value);

    /// <summary>All but the pages about the server.</summary>
    private IEnumerable<RouteEndpoint> Endpoints() => server.Services.GetRequiredService<EndpointDataSource>().Endpoints
        .OfType<RouteEndpoint>()
        .Where(endpoint => endpoint.RoutePattern.RawText is { } path
            && (path.StartsWith("/api", StringComparison.Ordinal) || path.StartsWith("/hubs", StringComparison.Ordinal)
                || path.StartsWith("/health", StringComparison.Ordinal)));

    private async Task<JsonNode> DocumentAsync()
    {
        using var http = new HttpClient { BaseAddress = new Uri(server.Url) };
        return await (await http.GetAsync("/openapi/v1.json")).ReadAsync(200);
    }
}
