using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

/// <summary>What changes elsewhere leaves the element that has the focus in place.</summary>
[FullTier]
[Collection(BrowserTests.Name)]
public sealed class FocusTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    [Fact, Needs(Browser.Program)]
    public async Task RowOfTheListKeepsTheFocusWhenItsMessagesChangeAndItMoves()
    {
        using var ada = await server.PersonAsync();
        using var grace = await server.PersonAsync();
        var room = await ada.OpenGroupAsync(grace);
        await ada.OpenAsync("group", [], "Newer");
        await using var visitor = await Visitor.LogInAsync(browser, server.Url, ada.Name);
        var row = visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Test" });
        await Expect(visitor.Page.Locator(".conversation").Last).ToContainTextAsync("Test");
        await FocusAsync(row);

        await grace.SendAsync(room, "Hello");

        await Expect(visitor.Page.Locator(".conversation").First).ToContainTextAsync("Hello");
        await AssertFocusAsync(visitor);
    }

    [Fact, Needs(Browser.Program)]
    public async Task DialogAndHeaderKeepTheFocusWhenMembersChange()
    {
        using var ada = await server.PersonAsync();
        using var grace = await server.PersonAsync();
        using var linus = await server.PersonAsync();
        using var mary = await server.PersonAsync();
        var room = await ada.OpenGroupAsync(grace, mary);
        await using var visitor = await Visitor.LogInAsync(browser, server.Url, ada.Name);
        await visitor.OpenAsync("Test");
        await FocusAsync(visitor.Button("People"));
        await AddAsync(linus);
        await Expect(visitor.Page.GetByText("4 people")).ToBeVisibleAsync();
        await AssertFocusAsync(visitor);

        await visitor.Button("People").ClickAsync();
        await FocusAsync(visitor.Button($"Remove {grace.Name}"));
        await ada.Http.DeleteAsync($"/api/conversations/{room}/participants/{linus.Id}");
        await Expect(visitor.Page.Locator(".member")).ToHaveCountAsync(3);
        await AssertFocusAsync(visitor);

        // Where the button goes, the next one gets the focus.
        await visitor.Page.Keyboard.PressAsync("Enter");
        await visitor.Button("Remove").ClickAsync();
        await Expect(visitor.Page.Locator(".member")).ToHaveCountAsync(2);
        await Expect(visitor.Button($"Remove {mary.Name}")).ToBeFocusedAsync();
        await visitor.Button("Done").ClickAsync();
        await Expect(visitor.Button("People")).ToBeFocusedAsync();

        async Task AddAsync(Person person) =>
            await (await ada.PostAsync($"/api/conversations/{room}/participants", new { identifier = person.Id })).ReadAsync(200);
    }

    [Fact, Needs(Browser.Program)]
    public async Task TaskKeepsTheFocusWhenItIsTickedAndMoves()
    {
        using var ada = await server.PersonAsync();
        foreach (var task in new[] { "one", "two", "three" })
        {
            await (await ada.PostAsync("/api/tasks", new { task_name = task })).ReadAsync(200);
        }

        await using var visitor = await Visitor.LogInAsync(browser, server.Url, ada.Name);
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Tasks" }).ClickAsync();
        await FocusAsync(visitor.Page.GetByRole(AriaRole.Checkbox, new() { Name = "one" }));

        await visitor.Page.Keyboard.PressAsync("Space");

        await Expect(visitor.Page.Locator(".task").Last).ToContainTextAsync("one");
        await AssertFocusAsync(visitor);
        await visitor.Page.Keyboard.PressAsync("Space");
        await Expect(visitor.Page.Locator(".task").First).ToContainTextAsync("one");
        await Expect(visitor.Page.GetByText("3 open, 0 done")).ToBeVisibleAsync();
    }

    [Fact, Needs(Browser.Program)]
    public async Task LongMessageThatIsReadStaysOpenAndFocusedWhenOthersChange()
    {
        using var ada = await server.PersonAsync();
        using var grace = await server.PersonAsync();
        var room = await ada.OpenGroupAsync(grace);
        for (var i = 0; i < 70; i++)
        {
            await grace.SendAsync(room, i == 20 ? string.Join('\n', Enumerable.Range(1, 40)) : $"message {i}");
        }

        await ada.ReadAsync(room, 70);
        await using var visitor = await Visitor.LogInAsync(browser, server.Url, ada.Name);
        await visitor.OpenAsync("Test");
        var more = visitor.Page.Locator(".more");
        await visitor.Page.Locator(".message").First.ScrollIntoViewIfNeededAsync();
        await more.ClickAsync();
        await FocusAsync(more);

        await visitor.Page.Locator(".scroller").EvaluateAsync("scroller => { scroller.scrollTop = 0 }");
        await Expect(visitor.Page.Locator(".message")).ToHaveCountAsync(70);

        await AssertFocusAsync(visitor);
        await Expect(more).ToHaveTextAsync("Show less");
    }

    private static async Task FocusAsync(ILocator element)
    {
        await element.FocusAsync();
        await element.EvaluateAsync("element => { element.wasFocused = true }");
    }

    /// <summary>The same element, not one that took its place.</summary>
    private static async Task AssertFocusAsync(Visitor visitor) =>
        Assert.True(
            await visitor.Page.EvaluateAsync<bool>("() => document.activeElement.wasFocused === true"),
            "The focus is lost.");
}
