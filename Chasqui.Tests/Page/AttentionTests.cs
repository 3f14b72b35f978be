using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

/// <summary>What comes while the user is elsewhere in the page, or away.</summary>
[FullTier]
[Collection(BrowserTests.Name)]
public sealed class AttentionTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    [Fact, Needs(Browser.Program)]
    public async Task GroupThatOneIsPutIntoIsCountedAndAnnouncedUntilItIsOpened()
    {
        using var ada = await server.PersonAsync();
        await using var grace = await Visitor.RegisterAsync(browser, server.Url);
        await Expect(grace.Page.GetByText("No conversations yet.")).ToBeVisibleAsync();

        await ada.OpenAsync("group", [grace.Name], "Release");

        await Expect(grace.Unread).ToContainTextAsync("1");
        await Expect(grace.Page).ToHaveTitleAsync("(1) Chasqui");
        await Expect(grace.Page.GetByRole(AriaRole.Log)).ToContainTextAsync("You were added to Release");
        await using var tab = await grace.NewTabAsync();
        await Expect(tab.Unread).ToContainTextAsync("1");
        await grace.OpenAsync("Release");
        await Expect(grace.Page).ToHaveTitleAsync("Release – Chasqui");
        await Expect(grace.Unread).ToHaveCountAsync(0);
        await Expect(tab.Unread).ToHaveCountAsync(0);
        await grace.Page.ReloadAsync();
        await Expect(grace.Page).ToHaveTitleAsync("Release – Chasqui");
        await Expect(grace.Unread).ToHaveCountAsync(0);
    }

    [Fact, Needs(Browser.Program)]
    public async Task GroupThatOneIsPutIntoWhileThePageIsClosedIsCounted()
    {
        using var ada = await server.PersonAsync();
        await using var grace = await Visitor.RegisterAsync(browser, server.Url);
        await Expect(grace.Page.GetByText("No conversations yet.")).ToBeVisibleAsync();
        await grace.Page.GotoAsync("about:blank");

        await ada.OpenAsync("group", [grace.Name], "Release");
        await grace.Page.GotoAsync(server.Url);

        await Expect(grace.Unread).ToContainTextAsync("1");
        await Expect(grace.Page).ToHaveTitleAsync("(1) Chasqui");
    }

    [Fact, Needs(Browser.Program)]
    public async Task MessagesBeforeOneWasPutIntoTheGroupAreNotUnread()
    {
        using var ada = await server.PersonAsync();
        await using var grace = await Visitor.RegisterAsync(browser, server.Url);
        await Expect(grace.Page.GetByText("No conversations yet.")).ToBeVisibleAsync();
        var group = await ada.OpenGroupAsync();
        for (var i = 0; i < 5; i++)
        {
            await ada.SendAsync(group, "before");
        }

        await (await ada.PostAsync($"/api/conversations/{group}/participants", new { identifier = grace.Name })).ReadAsync(200);
        await Expect(grace.Page).ToHaveTitleAsync("(1) Chasqui");
        await ada.SendAsync(group, "one");
        await ada.SendAsync(group, "two");

        await Expect(grace.Page).ToHaveTitleAsync("(2) Chasqui");
        // Who opened it is not told of it.
        await using var owner = await Visitor.LogInAsync(browser, server.Url, ada.Name);
        await Expect(owner.Page.GetByRole(AriaRole.Link, new() { Name = "Test" })).ToBeVisibleAsync();
        await Expect(owner.Page).ToHaveTitleAsync("Chasqui");
    }

    [Fact, Needs(Browser.Program)]
    public async Task FirstMessageOfNewDirectChatIsCountedAndAnnounced()
    {
        using var ada = await server.PersonAsync();
        await using var grace = await Visitor.RegisterAsync(browser, server.Url);
        await Expect(grace.Page.GetByText("No conversations yet.")).ToBeVisibleAsync();
        // It comes with the list, after a while without a connection.
        await grace.Line.CutAsync();
        await Expect(grace.Banner).ToContainTextAsync("Connection lost");
        await ada.SendAsync((await ada.OpenAsync("direct", [grace.Name])).Text("id"), "**Hello** Grace");

        grace.Line.Mend();

        await Expect(grace.Unread).ToContainTextAsync("1");
        await Expect(grace.Page).ToHaveTitleAsync("(1) Chasqui");
        await Expect(grace.Page.GetByRole(AriaRole.Log)).ToContainTextAsync($"New message from {ada.Name}");
    }

    [Fact, Needs(Browser.Program)]
    public async Task MessageThatANewAccountGetsBeforeItsFirstListIsUnread()
    {
        using var ada = await server.PersonAsync();
        await using var grace = await Visitor.ArriveAsync(browser, server.Url, Names.Next());
        await grace.Page.RouteAsync("**/api/conversations", async list =>
        {
            await ada.SendAsync((await ada.OpenAsync("direct", [grace.Name])).Text("id"), "Welcome");
            await list.ContinueAsync();
        });

        await grace.RegisterAsync();

        await Expect(grace.Page).ToHaveTitleAsync("(1) Chasqui");
    }

    [Fact, Needs(Browser.Program)]
    public async Task WindowWithoutFocusReadsNothing()
    {
        using var ada = await server.PersonAsync();
        await using var grace = await Visitor.RegisterAsync(browser, server.Url);
        var direct = (await ada.OpenAsync("direct", [grace.Name])).Text("id");
        await grace.OpenChatAsync(ada.Name);
        await SetFocusAsync(grace, false);

        await ada.SendAsync(direct, "Are you there?");

        await Expect(grace.Said).ToHaveTextAsync(["Are you there?"]);
        await Expect(grace.Page).ToHaveTitleAsync($"(1) {ada.Name} – Chasqui");
        await SetFocusAsync(grace, true);
        await Expect(grace.Page).ToHaveTitleAsync($"{ada.Name} – Chasqui");
    }

    [Fact, Needs(Browser.Program)]
    public async Task InstalledAppHasABadge()
    {
        using var ada = await server.PersonAsync();
        await using var grace = await Visitor.RegisterAsync(browser, server.Url);
        await grace.Page.EvaluateAsync("() => { navigator.setAppBadge = async count => { document.body.dataset.appBadge = count } }");

        await ada.SendAsync((await ada.OpenAsync("direct", [grace.Name])).Text("id"), "Hello");
        await Expect(grace.Page.Locator("body")).ToHaveAttributeAsync("data-app-badge", "1");
        await grace.OpenAsync(ada.Name);

        await Expect(grace.Page.Locator("body")).ToHaveAttributeAsync("data-app-badge", "0");
    }

    /// <summary>Every page of a test has the focus otherwise.</summary>
    internal static Task SetFocusAsync(Visitor visitor, bool hasFocus) => visitor.Page.EvaluateAsync("""
        hasFocus => {
          document.hasFocus = () => hasFocus;
          dispatchEvent(new Event(hasFocus ? "focus" : "blur"));
        }
        """, hasFocus);
}
