using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Introspection;

/// <summary>What a client can ask a server about itself.</summary>
public sealed class ProtocolTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task ProtocolDocumentNeedsNoToken()
    {
        var protocol = await AskAsync(server);

        Assert.NotEmpty(protocol.Text("version"));
        Assert.Superset(new HashSet<string> { "hello", "resume", "idempotency", "tickets" }, protocol.Strings("features").ToHashSet());
        Assert.Equal(15_000, protocol["heartbeat_ms"]!.GetValue<int>());
    }

    [Fact]
    public async Task EveryErrorCodeHasASentenceOfItsOwn()
    {
        var errors = (await AskAsync(server))["error_codes"]!.AsArray();

        Assert.Equal(
            typeof(ErrorCodes).GetFields().Select(code => (string)code.GetRawConstantValue()!).Order(),
            errors.Select(error => error!.Text("code")).Order());
        Assert.Equal(errors.Count, errors.Select(error => error!.Text("message")).Distinct().Count());
        Assert.All(errors, error => Assert.InRange(error!["status"]!.GetValue<int>(), 400, 599));
    }

    [Fact]
    public async Task EveryCloseCodeSaysWhatToDoNext()
    {
        var closes = (await AskAsync(server))["close_codes"]!.AsArray();

        Assert.Superset(new HashSet<int> { 1001, 1003, 1007, 1009, 1011, 4401, 4403, 4408, 4429 }, closes.Select(close => close!["code"]!.GetValue<int>()).ToHashSet());
        Assert.All(closes, close => Assert.EndsWith(".", close!.Text("advice"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task TheLimitsAreThoseThatAreConfiguredAndWelcomeSaysTheSame()
    {
        await using var limited = new TestServer();
        await limited.StartAsync("--Limits:Enabled", "true", "--Limits:MaxFrameBytes", "2048", "--Limits:MessagesPer10s", "7");
        using var person = await limited.PersonAsync();
        await using var socket = await person.ConnectAsync();

        await socket.SendAsync(new { type = "hello" });
        var welcome = (await socket.ReceiveAsync("Welcome"))["limits"]!;
        var limits = (await AskAsync(limited))["limits"]!;

        Assert.Equal(2048, limits["max_frame_bytes"]!.GetValue<int>());
        Assert.Equal(7, limits["messages_per_10s"]!.GetValue<int>());
        Assert.All(welcome.AsObject(), limit => Assert.Equal(limit.Value!.GetValue<int>(), limits[limit.Key]!.GetValue<int>()));
    }

    [Fact]
    public async Task UnlimitedRatesAreAbsentFromWelcome() => Assert.DoesNotContain("messages_per_10s", (await AskAsync(server))["limits"]!.Fields());

    /// <summary>A page of another origin may ask before a login.</summary>
    [Fact]
    public async Task AllowedOriginsPassCors()
    {
        using var http = server.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/protocol");
        request.Headers.Add("Origin", "http://localhost:3000");

        var answer = await http.SendAsync(request);

        Assert.Equal("http://localhost:3000", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    /// <summary>Each feature that the server names is explained where its frames are.</summary>
    [Fact]
    public async Task EveryFeatureIsExplained()
    {
        var explained = (await SocketDocument.OfAsync(server)).Json["x-features"]!.AsArray().Where(feature => feature!["description"] is not null);

        Assert.Equal((await AskAsync(server)).Strings("features").Order(), explained.Select(feature => feature!.Text("name")).Order());
    }

    private static async Task<JsonNode> AskAsync(TestServer server)
    {
        using var http = server.Anonymous();
        return await (await http.GetAsync("/api/protocol")).ReadAsync(200);
    }
}
