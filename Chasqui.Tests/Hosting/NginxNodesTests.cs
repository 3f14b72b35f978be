using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Hosting;

/// <summary><c>deploy/nginx.conf</c> in front of two servers, as it stands there, with a name server that the test controls.</summary>
[Needs("nginx")]
public sealed class NginxNodesTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly IPAddress Nobody = IPAddress.Parse("127.0.0.9");

    private readonly string _port = FreePorts.Next().ToString(CultureInfo.InvariantCulture);
    private readonly NameServer _names = new();
    private readonly TestServer _first = new();
    private readonly TestServer _second = new();

    public async ValueTask InitializeAsync()
    {
        // Two addresses of this machine.
        await _first.StartAsync("--urls", $"http://127.0.0.2:{_port}");
        await _second.StartAsync("--urls", $"http://127.0.0.3:{_port}");
    }

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        await _names.DisposeAsync();
    }

    [Fact]
    public async Task ServerThatCameBackAtAnotherAddressIsFound()
    {
        (_names.Names["node1"], _names.Names["node2"]) = (Address(_first), Address(_first));
        await using var proxy = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(proxy.Url) };
        Assert.Equal(await EpochAsync(_first), await EpochAsync(http));

        (_names.Names["node1"], _names.Names["node2"]) = (Address(_second), Address(_second));
        await _first.StopAsync();

        await WaitForAsync(http, await EpochAsync(_second));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OtherServerTakesRequestsOfOneThatIsAway(bool isKnown)
    {
        foreach (var (away, other) in new[] { ("node1", "node2"), ("node2", "node1") })
        {
            _names.Names[other] = Address(_first);
            if (isKnown)
            {
                _names.Names[away] = Nobody;
            }
            else
            {
                _names.Names.TryRemove(away, out _);
            }

            await using var proxy = await StartAsync();
            using var http = new HttpClient { BaseAddress = new Uri(proxy.Url) };
            Assert.Equal(await EpochAsync(_first), await EpochAsync(http));
            // A POST too: nobody has carried it out.
            var account = await Account.RegisterAsync(http, http.BaseAddress, Names.Next());
            await using var socket = await RawClient.ConnectAsync(http.BaseAddress, account.Token, CancellationToken.None);
            await socket.PingAsync();
        }
    }

    [Fact]
    public async Task WithoutServersEveryRequestIsRefusedAsTheProtocolSays()
    {
        (_names.Names["node1"], _names.Names["node2"]) = (Nobody, Nobody);
        await using var proxy = await StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(proxy.Url) };

        await (await http.GetAsync("/api/tasks")).ReadProblemAsync(503, "server_stopping");
        await (await http.PostAsJsonAsync("/api/login", new { })).ReadProblemAsync(503, "server_stopping");
        await (await http.GetAsync("/api/ws/chat")).ReadProblemAsync(503, "server_stopping");
        await (await http.PostAsync("/api/login", Rest.Json(new string(' ', 200_000)))).ReadProblemAsync(413, "payload_too_large");
    }

    private static IPAddress Address(TestServer server) => IPAddress.Parse(new Uri(server.Url).Host);

    private static async Task<string> EpochAsync(TestServer server)
    {
        using var http = server.Anonymous();
        return await EpochAsync(http);
    }

    private static async Task<string> EpochAsync(HttpClient http) => (await (await http.GetAsync("/api/protocol")).ReadAsync(200)).Text("epoch");

    private static async Task WaitForAsync(HttpClient http, string epoch)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (true)
        {
            using var answer = await http.GetAsync("/api/protocol", deadline.Token);
            if (answer.StatusCode == HttpStatusCode.OK && (await answer.ReadAsync(200)).Text("epoch") == epoch)
            {
                return;
            }

            await Task.Yield();
        }
    }

    private async Task<ReverseProxy> StartAsync() => await ReverseProxy.NginxWithAsync(
        (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "deploy", "nginx.conf")))
            .Replace("resolver 127.0.0.11 ", $"resolver 127.0.0.1:{_names.Port} ", StringComparison.Ordinal)
            .Replace(":8080;", $":{_port};", StringComparison.Ordinal));
}
