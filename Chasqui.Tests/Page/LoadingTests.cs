using System.Collections.Concurrent;
using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

[FullTier]
[Collection(AppearanceTests.Name)]
public sealed class LoadingTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    private static readonly string[] Modules = Directory.GetFiles(
        Path.Combine(Repository.Root, "Chasqui.Server", "wwwroot", "page"), "*.js", SearchOption.AllDirectories);

    /// <summary>No module is answered before all are asked for.</summary>
    [Fact, Needs(Browser.Program)]
    public async Task AllModulesAreRequestedInOneRound()
    {
        var requested = new ConcurrentDictionary<string, bool>();
        var all = new TaskCompletionSource();
        await using var context = await browser.NewAsync();
        var page = await context.NewPageAsync();
        await page.RouteAsync("**/*.js", async route =>
        {
            if (requested.TryAdd(route.Request.Url, true) && requested.Count == Modules.Length)
            {
                all.SetResult();
            }

            await all.Task;
            await route.ContinueAsync();
        });

        await page.GotoAsync(server.Url, new() { WaitUntil = WaitUntilState.Commit });

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Log in" })).ToBeVisibleAsync();
        Assert.Equal(Modules.Length, requested.Count);
    }

    [Fact, Needs(Browser.Program)]
    public async Task PageWorksBelowAPathOfAProxy()
    {
        using var ada = await server.PersonAsync();
        await using var context = await browser.NewAsync();
        var page = await context.NewPageAsync();
        var outside = new ConcurrentBag<string>();
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(server.Url + "/chat/", StringComparison.Ordinal))
            {
                outside.Add(request.Url);
            }
        };
        await page.RouteAsync(server.Url + "/chat/**", async route => await route.FulfillAsync(new()
        {
            Response = await route.FetchAsync(new()
            {
                Url = server.Url + route.Request.Url[(server.Url.Length + "/chat".Length)..],
            }),
        }));
        await page.RouteWebSocketAsync("**/chat/api/ws/chat*", _ => { });

        await page.GotoAsync(server.Url + "/chat/");
        await page.GetByLabel("Username or e-mail address").FillAsync(ada.Name);
        await page.GetByLabel("Password").FillAsync(Person.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();

        await Expect(page.GetByText($"Logged in as {ada.Name}")).ToBeAttachedAsync();
        Assert.Empty(outside);
    }
}
