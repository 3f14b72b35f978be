using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Introspection;

/// <summary><c>docs/protocol.md</c> lists every frame, event, error code and close code.</summary>
public sealed class ProtocolDocumentTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "protocol.md"));

    [Fact]
    public async Task EveryCodeIsListedWithItsStatus()
    {
        using var http = server.Anonymous();
        var protocol = await (await http.GetAsync("/api/protocol")).ReadAsync(200);

        Assert.All(protocol["error_codes"]!.AsArray(), error =>
            Assert.Contains($"\n| `{error!["code"]}` | {error["status"]} |", Document, StringComparison.Ordinal));
        Assert.All(protocol["close_codes"]!.AsArray(), end =>
            Assert.Contains($"\n| {end!["code"]} |", Document, StringComparison.Ordinal));
    }

    [Fact]
    public void EveryFrameAndEventIsListed()
    {
        var frames = typeof(FrameTypes).GetFields().Select(field => (string)field.GetRawConstantValue()!);
        var events = typeof(ServerEvent).Assembly.GetTypes().Where(type => type.BaseType == typeof(ServerEvent)).Select(type => type.Name);

        Assert.All(frames.Concat(events), name => Assert.Contains($"\n| `{name}` |", Document, StringComparison.Ordinal));
    }
}
