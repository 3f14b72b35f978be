using Chasqui.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

/// <summary>The page with more of everything than the screen can show.</summary>
[FullTier]
[Collection(AppearanceTests.Name)]
public sealed class LayoutTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    private const int Count = 30;

    [Fact, Needs(Browser.Program)]
    public async Task LongListsScrollInTheirBoxesWhileHeadersAndComposerStayInView()
    {
        using var ada = await server.PersonAsync();
        await FillAsync(ada);
        foreach (var look in new[] { Look.Desktop, Look.Desktop with { Width = 1024, Height = 600 }, Look.Phone })
        {
            await using var visitor = await Visitor.LogInAsync(browser, server.Url, ada.Name, look);

            await AssertScrollsAsync(visitor, ".list", ".conversation", Count);
            await AssertInViewAsync(visitor, ".sidebar-head", ".sidebar-foot");

            await visitor.OpenAsync("Everyone");
            await AssertScrollsAsync(visitor, ".scroller", ".message", Count);
            await AssertInViewAsync(visitor, ".conversation-head", ".composer");

            await visitor.Button("People").ClickAsync();
            await AssertScrollsAsync(visitor, ".members", ".member", Count);
            await AssertInViewAsync(visitor, ".dialog-head", ".dialog-foot");
            await visitor.Button("Done").ClickAsync();

            await visitor.Page.EvaluateAsync("() => location.hash = 'tasks'");
            await AssertScrollsAsync(visitor, ".tasks-body", ".task", Count);
            await AssertInViewAsync(visitor, ".conversation-head");
        }
    }

    /// <summary>A direct chat with each of the others, a group of all with messages, and tasks.</summary>
    private static async Task FillAsync(Person ada)
    {
        var others = new List<string>();
        while (others.Count < Count - 1)
        {
            using var other = await ada.Server.PersonAsync();
            others.Add(other.Id);
            await ada.SendAsync((await ada.OpenAsync("direct", [other.Id])).Text("id"), "Hello");
        }

        var everyone = (await ada.OpenAsync("group", [.. others], "Everyone")).Text("id");
        for (var i = 0; i < Count; i++)
        {
            await ada.SendAsync(everyone, $"Message {i}");
            await (await ada.PostAsync("/api/tasks", new { task_name = $"Task {i}" })).ReadAsync(200);
        }
    }

    /// <summary>The last row can be scrolled to, and only the box scrolls.</summary>
    private static async Task AssertScrollsAsync(Visitor visitor, string box, string row, int count)
    {
        var rows = visitor.Page.Locator(row);
        await Expect(rows).ToHaveCountAsync(count);
        await rows.Last.ScrollIntoViewIfNeededAsync();
        var sizes = await visitor.Page.Locator(box).EvaluateAsync<int[]>("""
            box => [box.scrollHeight, box.clientHeight, document.documentElement.scrollHeight, innerHeight,
              document.documentElement.scrollTop]
            """);
        var described = $"{box} at {visitor.Page.ViewportSize!.Width}: {string.Join(", ", sizes)}";
        Assert.True(sizes[0] > sizes[1], $"The box does not scroll: {described}");
        Assert.True(sizes[2] <= sizes[3] && sizes[4] == 0, $"The document scrolls: {described}");
        await AssertInViewAsync(visitor, box);
    }

    private static async Task AssertInViewAsync(Visitor visitor, params string[] elements)
    {
        foreach (var element in elements)
        {
            await Expect(visitor.Page.Locator(element)).ToBeInViewportAsync(new() { Ratio = 1 });
        }
    }
}
