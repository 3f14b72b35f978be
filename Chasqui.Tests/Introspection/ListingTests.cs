using System.Reflection;
using System.Text.Json.Serialization;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Introspection;

public sealed class ListingTests(TestServer server) : IClassFixture<TestServer>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--list-api")]
    [InlineData("--list-ws")]
    public async Task ListingTouchesNoDisk(string what)
    {
        var ended = await Programs.RunServerAsync(_folder.Path, what);

        Assert.Equal(0, ended.ExitCode);
        Assert.Equal("", ended.Errors);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task BothListingsCanBeAskedForAtOnce()
    {
        var both = await Programs.RunServerAsync(_folder.Path, "--list-api", "--list-ws");

        Assert.Contains("/api/register", both.Output);
        Assert.Contains("ConversationCreated", both.Output);
    }

    [Fact]
    public async Task EveryMappedEndpointIsListed()
    {
        var listing = (await Programs.RunServerAsync(_folder.Path, "--list-api")).Output;

        foreach (var endpoint in server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var path = "/" + endpoint.RoutePattern.RawText!.Trim('/');
            var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [];
            if (methods is [var method])
            {
                Assert.Matches($@"(?m)^{method} +{System.Text.RegularExpressions.Regex.Escape(path)}( |$)", listing);
            }
            else
            {
                Assert.Contains(" " + path, listing);
            }
        }
    }

    [Fact]
    public async Task BodiesAreListedWithWhatTheyNeed()
    {
        var listing = (await Programs.RunServerAsync(_folder.Path, "--list-api")).Output;

        Assert.Matches(@"username +string +\[required\] +Letters only", listing);
        Assert.Matches(@"client_message_id +string +1 to 64", listing);
        Assert.Matches(@"409 +username_taken, email_taken", listing);
        Assert.Matches(@"query limit +integer +.*1 to 200\. Default: 50\.", listing);
    }

    [Theory]
    [InlineData(typeof(ClientFrame))]
    [InlineData(typeof(ServerEvent))]
    public async Task EveryFrameAndEventIsListedWithItsFields(Type baseType)
    {
        var sections = (await Programs.RunServerAsync(_folder.Path, "--list-ws")).Output.Split("\n\n");

        foreach (var entry in baseType.GetCustomAttributes<JsonDerivedTypeAttribute>())
        {
            var section = sections.Single(section => section.StartsWith(entry.TypeDiscriminator + "  (", StringComparison.Ordinal));
            Assert.Contains($"{{\"type\":\"{entry.TypeDiscriminator}\"", section);
            var fields = ChatJson.Options.GetTypeInfo(entry.DerivedType).Properties.Where(property => property.Get is not null);
            // Name, type and a description: an undocumented field fails here.
            Assert.All(fields, field => Assert.Matches($@"(?m)^  {field.Name} +[A-Za-z:<>\[\]]+ +(\[\w+\] +)?\w+", section));
        }
    }

    [Theory]
    [InlineData(typeof(IChatHub), "hub method")]
    [InlineData(typeof(IChatClient), "hub event")]
    public async Task EveryHubMethodAndEventIsNamed(Type hub, string kind)
    {
        var listing = (await Programs.RunServerAsync(_folder.Path, "--list-ws")).Output;

        Assert.All(hub.GetMethods(), method => Assert.Contains(
            // Answers to what only raw clients send.
            method.Name is nameof(Welcome) or nameof(Pong) ? $"{method.Name}  (no hub event)" : $"({kind} {method.Name})",
            listing));
    }

    [Fact]
    public async Task EveryErrorCodeAndCloseCodeIsListed()
    {
        var listing = (await Programs.RunServerAsync(_folder.Path, "--list-ws")).Output;

        Assert.All(
            typeof(ErrorCodes).GetFields().Select(code => (string)code.GetRawConstantValue()!),
            code => Assert.Matches($@"(?m)^{code} +\w+", listing));
        Assert.All(new[] { 1001, 1003, 1007, 1009, 1011, 4408 }, code => Assert.Matches($@"(?m)^{code}  \w+", listing));
    }

    [Fact]
    public async Task WithoutItsDocumentationFilesTheServerListsWithoutDescriptions()
    {
        var copy = Directory.CreateDirectory(Path.Combine(_folder.Path, "copy")).FullName;
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory).Where(file => !file.EndsWith(".xml", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        var ended = await Programs.RunAsync("dotnet", copy, [Path.Combine(copy, "Chasqui.Server.dll"), "--list-ws"]);

        Assert.Equal(0, ended.ExitCode);
        Assert.Contains("conversation_id", ended.Output);
        Assert.DoesNotContain("Asks for every", ended.Output);
    }
}
