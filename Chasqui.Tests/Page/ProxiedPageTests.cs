using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

/// <summary>The page and the docs in a browser, behind proxies that are configured in one way or another.</summary>
[FullTier]
[Collection(AppearanceTests.Name)]
public sealed class ProxiedPageTests(Browser browser) : IAsyncLifetime
{
    private const string Upgrades = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;";

    private readonly TestServer _server = new();

    // No page but the server's own may connect.
    public async ValueTask InitializeAsync() => await _server.StartAsync("--Cors:AllowedOrigins", "https://elsewhere.example.org");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact, Needs(Browser.Program, "nginx")]
    public async Task PageConnectsThroughAProxyThatHidesItsPort()
    {
        using var grace = await _server.PersonAsync();
        await using var proxy = await StartAsync($"location / {{ proxy_pass {_server.Url}; proxy_set_header Host $host; {Upgrades} }}");
        await using var ada = await Visitor.RegisterAsync(browser, proxy.Url);

        await ada.OpenChatAsync(grace.Name);
        await ada.SayAsync("Hello");

        await Expect(ada.Said).ToHaveTextAsync(["Hello"]);
        await Expect(ada.Pending).ToHaveCountAsync(0);
    }

    /// <summary>The address of the server is all that nginx passes on by default.</summary>
    [Fact, Needs(Browser.Program, "nginx")]
    public async Task PageSaysThatTheServerRefusesItsOrigin()
    {
        await using var proxy = await StartAsync($"location / {{ proxy_pass {_server.Url}; {Upgrades} }}");

        await using var ada = await Visitor.RegisterAsync(browser, proxy.Url);

        await Expect(ada.Banner).ToContainTextAsync("This server refuses pages of this address");
    }

    [Fact, Needs(Browser.Program, "nginx")]
    public async Task PageSaysThatAHandshakeIsRefused()
    {
        // WebSockets are not passed on.
        await using var proxy = await StartAsync($"location / {{ proxy_pass {_server.Url}; proxy_set_header Host $host; }}");

        await using var ada = await Visitor.RegisterAsync(browser, proxy.Url);

        await Expect(ada.Banner).ToContainTextAsync("The server refused the connection");
    }

    [Theory, Needs(Browser.Program, "nginx")]
    [InlineData("")]
    [InlineData("chat/")]
    public async Task TryItCallsTheServerUnderItsPath(string path)
    {
        await using var proxy = await StartAsync($"location /{path} {{ proxy_pass {_server.Url}/; proxy_set_header Host $host; }}");
        await using var context = await browser.NewAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{proxy.Url}/{path}docs/rest/index.html");
        var call = page.Locator("#operations-Protocol-get_api_protocol");
        await call.Locator(".opblock-summary").ClickAsync();
        await call.GetByRole(AriaRole.Button, new() { Name = "Try it out" }).ClickAsync();

        var answer = await page.RunAndWaitForResponseAsync(
            () => call.GetByRole(AriaRole.Button, new() { Name = "Execute" }).ClickAsync(), response => response.Url.EndsWith("/api/protocol", StringComparison.Ordinal));

        Assert.Equal(($"{proxy.Url}/{path}api/protocol", 200), (answer.Url, answer.Status));
    }

    private static Task<ReverseProxy> StartAsync(string location) => ReverseProxy.NginxAsync($"server {{ listen 80; {location} }}");
}
