using System.Buffers.Binary;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Chasqui.Tests.Support;
using Microsoft.Playwright;

namespace Chasqui.Tests.Page;

public sealed partial class InstallTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Root = "https://example.org/chat/";

    [Fact]
    public async Task ManifestAndIconsAreServedAndStayBelowAPathOfAProxy()
    {
        using var http = server.Anonymous();
        var page = await http.GetStringAsync("/");
        var address = new Uri(new Uri(Root), ManifestLink().Match(page).Groups[1].Value);
        using var answer = await http.GetAsync(Local(address));
        Assert.Equal("application/manifest+json", answer.Content.Headers.ContentType?.MediaType);
        var manifest = await answer.ReadAsync(200);

        Assert.Equal(Root, new Uri(address, manifest.Text("start_url")).AbsoluteUri);
        Assert.Equal(Root, new Uri(address, manifest.Text("scope")).AbsoluteUri);
        Assert.Equal("standalone", manifest.Text("display"));
        var icons = manifest["icons"]!.AsArray();
        Assert.Equal(
            ["192x192 any", "192x192 maskable", "512x512 any", "512x512 maskable"],
            icons.Select(icon => $"{icon!.Text("sizes")} {icon!["purpose"]?.GetValue<string>() ?? "any"}").Order());
        foreach (var icon in icons.OfType<JsonObject>())
        {
            using var picture = await http.GetAsync(Local(new Uri(address, icon.Text("src"))));
            Assert.Equal("image/png", picture.Content.Headers.ContentType?.MediaType);
            var png = await picture.Content.ReadAsByteArrayAsync();
            var size = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16));
            Assert.Equal(icon.Text("sizes"), $"{size}x{BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20))}");
        }
    }

    private static string Local(Uri address)
    {
        Assert.StartsWith(Root, address.AbsoluteUri);
        return "/" + address.AbsoluteUri[Root.Length..];
    }

    [GeneratedRegex("<link rel=\"manifest\" href=\"([^\"]+)\"")]
    private static partial Regex ManifestLink();
}

[FullTier]
public sealed class InstallBrowserTests(TestServer server) : IClassFixture<TestServer>
{
    private const string WithWindows = "chromium";

    [Fact, Needs(WithWindows)]
    public async Task ChromiumFindsThePageInstallable()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await Browser.LaunchAsync(playwright, WithWindows);
        var page = await browser.NewPageAsync();
        await page.GotoAsync(server.Url);
        var tools = await page.Context.NewCDPSessionAsync(page);

        var manifest = (await tools.SendAsync("Page.getAppManifest"))!.Value;
        var faults = (await tools.SendAsync("Page.getInstallabilityErrors"))!.Value.GetProperty("installabilityErrors");

        Assert.Empty(manifest.GetProperty("errors").EnumerateArray());
        Assert.Contains("Chasqui", manifest.GetProperty("data").GetString());
        // Every window of a test is a private one.
        Assert.Equal(["in-incognito"], faults.EnumerateArray().Select(fault => fault.GetProperty("errorId").GetString()));
    }
}
