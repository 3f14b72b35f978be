using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Hosting;

/// <summary>The proxy configurations of <c>docs/operations.md</c>, each as it stands there, at the root and under a path.</summary>
public sealed partial class ProxyTests
{
    /// <summary>Where the documents say that the server is.</summary>
    private const string Documented = "127.0.0.1:8080";

    private static readonly string Document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations.md"));

    [Theory, Needs("nginx")]
    [InlineData("")]
    [InlineData("chat/")]
    public Task NginxConfigurationServesEverything(string path) => AssertServesAsync("nginx", ReverseProxy.NginxAsync, path);

    [Theory, Needs("caddy")]
    [InlineData("")]
    [InlineData("chat/")]
    public Task CaddyConfigurationServesEverything(string path) => AssertServesAsync("caddyfile", ReverseProxy.CaddyAsync, path);

    [Theory, Needs("apache2")]
    [InlineData("")]
    [InlineData("chat/")]
    public Task ApacheConfigurationServesEverything(string path) => AssertServesAsync("apache", ReverseProxy.ApacheAsync, path);

    private static async Task AssertServesAsync(string language, Func<string, Task<ReverseProxy>> start, string path)
    {
        await using var server = new TestServer();
        // No page but the server's own may connect.
        await server.StartAsync("--Limits:TrustedProxies", "127.0.0.1", "--Cors:AllowedOrigins", "https://elsewhere.example.org");
        var site = Assert.Single(Blocks().Matches(Document), block => block.Groups[1].Value == language).Groups[2].Value;
        Assert.Contains(Documented, site, StringComparison.Ordinal);
        await using var proxy = await start(site.Replace(Documented, new Uri(server.Url).Authority, StringComparison.Ordinal));
        using var http = new HttpClient { BaseAddress = new Uri($"{proxy.Url}/{path}") };

        Assert.Contains("<title>Chasqui</title>", await http.GetStringAsync(""), StringComparison.Ordinal);
        Assert.NotEmpty(await http.GetStringAsync("page/main.js"));
        foreach (var folder in new[] { path, path + "docs/", path + "docs/rest/" })
        {
            // The address without its last slash leads to the folder.
            using var found = await http.GetAsync(new Uri($"{proxy.Url}/{folder.TrimEnd('/')}"));
            Assert.Equal(200, (int)found.StatusCode);
            Assert.StartsWith($"{proxy.Url}/{folder}", found.RequestMessage!.RequestUri!.AbsoluteUri, StringComparison.Ordinal);
        }

        var (username, password) = (Names.Next(), Person.Password);
        await PostAsync("api/register", new { username, email = username + "@example.org", password });
        var token = (await PostAsync("api/login", new { username, password })).Text("token");
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        http.DefaultRequestHeaders.Add("Origin", proxy.Url);
        var group = (await PostAsync("api/conversations", new { conversation_type = "group", participant_ids = Array.Empty<string>() })).Text("id");
        var ticket = (await PostAsync("api/ws/ticket", new { })).Text("ticket");
        await using (var socket = await RawClient.ConnectAsync(
            new Uri($"{http.BaseAddress.AbsoluteUri.Replace("http:", "ws:", StringComparison.Ordinal)}api/ws/chat?ticket={ticket}"), proxy.Url))
        {
            await socket.JoinAsync(group);
            var content = new string('x', 10_000);
            await PostAsync($"api/conversations/{group}/messages", new { content });
            Assert.Equal(content, (await socket.ReceiveAsync("NewMessage"))["message"]!.Text("content"));
        }

        await using (var hub = await HubClient.ConnectAsync(http.BaseAddress, token))
        {
            await hub.JoinAsync(group);
        }

        await proxy.DisposeAsync();
        Assert.DoesNotContain(ticket, proxy.Logs, StringComparison.Ordinal);
        Assert.DoesNotContain(token, proxy.Logs, StringComparison.Ordinal);

        async Task<JsonNode> PostAsync(string call, object body) => await (await http.PostAsJsonAsync(call, body)).ReadAsync(200);
    }

    [GeneratedRegex(@"^```(\w+)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();
}
