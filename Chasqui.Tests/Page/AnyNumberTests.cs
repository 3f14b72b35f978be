using System.Globalization;
using System.Net.Http.Json;
using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

/// <summary>Each view with any number of entries and names of any length: nothing leaves the screen.</summary>
[FullTier]
[Collection(AppearanceTests.Name)]
public sealed class AnyNumberTests(Browser browser)
{
    private const int LongestName = 64;

    /// <summary>Where the server's default limit for a group is lower than the number.</summary>
    private const int MostMembers = 1000;

    [Theory, Needs(Browser.Program)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(3000)]
    public async Task EveryViewFitsTheScreenWithAnyNumberOfEntries(int count)
    {
        await using var server = new TestServer();
        await server.StartAsync();
        using var ada = await server.PersonAsync(count > 1 ? new string('M', LongestName) : "M");
        await FillAsync(ada, count);
        foreach (var look in new[] { Look.Desktop, Look.Phone })
        {
            await using var visitor = await Visitor.LogInAsync(browser, server.Url, ada.Name, look);
            var page = visitor.Page;
            await AssertFitsAsync(
                visitor, ".list", ".conversation", $".conversations > [aria-posinset='{count}']", count, ".sidebar-head", ".sidebar-foot");

            await visitor.Button("New chat").First.ClickAsync();
            await ChooseAsync(visitor, count);
            await AssertFitsAsync(visitor, ".dialog-body", ".picker", ".picker", 1, ".dialog-head", ".search", ".dialog-foot");
            await page.Keyboard.PressAsync("Escape");

            await page.EvaluateAsync("() => location.hash = 'tasks'");
            await AssertFitsAsync(visitor, ".tasks-body", ".task", ".task >> nth=-1", count, ".conversation-head");
            if (count == 0)
            {
                continue;
            }

            await page.EvaluateAsync("() => location.hash = ''");
            await page.Locator(".list").EvaluateAsync("list => { list.scrollTop = 0 }");
            await page.Locator(".conversation").First.ClickAsync();
            await AssertFitsAsync(visitor, ".scroller", ".message", ".message >> nth=-1", count,
                ".conversation-head", ".conversation-head .button", ".composer");

            await visitor.Button("People").ClickAsync();
            // The others come when they are scrolled to.
            await Expect(page.Locator(".member").Nth(Math.Min(count, 100) - 1)).ToBeAttachedAsync();
            await AssertFitsAsync(visitor, ".dialog-body", ".member", ".adding", count, ".dialog-head", ".dialog-foot");
            if (count > 1)
            {
                await page.Locator(".member .icon-button").First.ClickAsync();
                await AssertFitsAsync(
                    visitor, ".dialog-body >> nth=-1", ".dialog-body", ".dialog-body >> nth=-1", 1,
                    ".dialog-head >> nth=-1", ".dialog-foot >> nth=-1");
                await page.Keyboard.PressAsync("Escape");
            }

            await visitor.Button("Done").ClickAsync();
        }
    }

    /// <summary>As many people, conversations, members and messages of the newest of them, and tasks.</summary>
    private static async Task FillAsync(Person ada, int count)
    {
        using var http = ada.Server.Anonymous();
        var options = new ParallelOptions { MaxDegreeOfParallelism = 8 };
        await Parallel.ForEachAsync(Enumerable.Range(1, Math.Max(0, count - 1)), options, async (number, stop) =>
        {
            var email = string.Create(CultureInfo.InvariantCulture, $"person{number}@example.org");
            var body = new { username = NameOf(number), email, password = Person.Password };
            await (await http.PostAsJsonAsync("/api/register", body, stop)).ReadAsync(200);
            // The page shows an empty direct chat only in the browser in which it was opened.
            await ada.SendAsync((await ada.OpenAsync("direct", [NameOf(number)])).Text("id"), "Hello");
        });
        await Parallel.ForEachAsync(Enumerable.Range(1, count), options, async (number, _) =>
            await (await ada.PostAsync("/api/tasks", new { task_name = NameOf(number) })).ReadAsync(200));
        if (count > 0)
        {
            var members = Enumerable.Range(1, Math.Min(count, MostMembers) - 1).Select(NameOf).ToArray();
            var group = (await ada.OpenAsync("group", members, new string('G', LongestName))).Text("id");
            await Parallel.ForEachAsync(Enumerable.Range(1, count), options, async (number, _) => await ada.SendAsync(group, NameOf(number)));
        }
    }

    /// <summary>Names of one letter, and of as many as there may be.</summary>
    private static string NameOf(int number) => number % 2 == 0
        ? ((char)('一' + number)).ToString()
        : new string('W', LongestName - 3) + string.Concat(new[] { 676, 26, 1 }.Select(unit => (char)('a' + (number / unit % 26))));

    private static async Task ChooseAsync(Visitor visitor, int count)
    {
        for (var chosen = 0; chosen < Math.Min(count - 1, 8); chosen++)
        {
            await visitor.Page.GetByRole(AriaRole.Combobox).FillAsync("W");
            await visitor.Page.GetByRole(AriaRole.Option).First.ClickAsync();
        }

        await visitor.Page.GetByRole(AriaRole.Combobox).FillAsync("W");
        await Expect(count > 20 ? visitor.Page.GetByRole(AriaRole.Option).First : visitor.Page.Locator(".picker-note"))
            .ToBeVisibleAsync();
    }

    /// <summary>The last row can be scrolled to in its box, and only the box scrolls.</summary>
    private static async Task AssertFitsAsync(Visitor visitor, string box, string row, string last, int count, params string[] fixedParts)
    {
        var page = visitor.Page;
        await Expect(page.Locator(box)).ToBeVisibleAsync();
        if (count > 0)
        {
            // All rows come at once, and a list has only those in view in the DOM.
            await Expect(page.Locator(row).First).ToBeAttachedAsync();
            await page.Locator(box).EvaluateAsync("box => { box.scrollTop = box.scrollHeight }");
            await Expect(page.Locator(last)).ToBeInViewportAsync();
        }

        foreach (var part in fixedParts)
        {
            await Expect(page.Locator(part)).ToBeInViewportAsync(new() { Ratio = 1 });
        }

        var large = await page.EvaluateAsync<string[]>("""
            () => {
              const described = element => `${element.tagName}.${element.className}`;
              const shown = selector => [...document.querySelectorAll(selector)].filter(element => element.checkVisibility());
              const wide = shown("html, body, main, header, footer, form, li, .sidebar, .pane, .list, .scroller, .dialog, .dialog-body")
                .filter(element => element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1);
              const high = shown("html, body, .shell, .panes, .sidebar, .pane, .dialog[open]")
                .filter(element => element.getBoundingClientRect().bottom > innerHeight + 1);
              return [...wide, ...high].map(described);
            }
            """);
        Assert.True(large.Length == 0, $"{box} at {page.ViewportSize!.Width}: {string.Join(", ", large)}");
    }
}
