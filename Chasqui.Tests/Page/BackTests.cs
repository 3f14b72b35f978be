using System.Text.RegularExpressions;
using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

/// <summary>The browser's back on a phone.</summary>
[FullTier]
[Collection(BrowserTests.Name)]
public sealed partial class BackTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    [Fact, Needs(Browser.Program)]
    public async Task BackDoesNotLeadIntoTheConversationThatWasJustLeft()
    {
        using var ada = await server.PersonAsync();
        await ada.OpenAsync("group", [], "First");
        await ada.OpenAsync("group", [], "Second");
        await using var visitor = await Visitor.LogInAsync(browser, server.Url, ada.Name, Look.Phone);
        await visitor.OpenAsync("First");
        await LeaveAsync(visitor);
        await visitor.OpenAsync("Second");

        await visitor.Page.GoBackAsync();
        await ExpectListAsync(visitor);
        await visitor.OpenAsync("First");
        await LeaveAsync(visitor);
        await visitor.Page.GoBackAsync();

        Assert.DoesNotContain("#c/", visitor.Page.Url, StringComparison.Ordinal);
    }

    [Fact, Needs(Browser.Program)]
    public async Task BackClosesAnOpenDialog()
    {
        using var ada = await server.PersonAsync();
        using var grace = await server.PersonAsync();
        await ada.OpenGroupAsync(grace);
        await using var visitor = await Visitor.LogInAsync(browser, server.Url, ada.Name, Look.Phone);
        var dialogs = visitor.Page.GetByRole(AriaRole.Dialog);

        await visitor.Button("New chat").ClickAsync();
        await Expect(dialogs).ToHaveCountAsync(1);
        await visitor.Page.GoBackAsync();
        await Expect(dialogs).ToHaveCountAsync(0);
        await ExpectListAsync(visitor);

        await visitor.OpenAsync("Test");
        await visitor.Button("People").ClickAsync();
        await visitor.Button($"Remove {grace.Name}").ClickAsync();
        await Expect(dialogs).ToHaveCountAsync(2);
        await visitor.Page.GoBackAsync();
        await Expect(dialogs).ToHaveCountAsync(1);
        await visitor.Page.GoBackAsync();
        await Expect(dialogs).ToHaveCountAsync(0);
        await Expect(visitor.Composer).ToBeVisibleAsync();

        // A dialog that was closed otherwise leaves nothing to go back through.
        await visitor.Button("People").ClickAsync();
        await visitor.Button("Done").ClickAsync();
        await Expect(dialogs).ToHaveCountAsync(0);
        await visitor.Page.WaitForFunctionAsync("() => !history.state.isDialog");
        await visitor.Page.GoBackAsync();
        await ExpectListAsync(visitor);
    }

    [Fact, Needs(Browser.Program)]
    public async Task AddressThatIsTypedWhileADialogClosesIsOpened()
    {
        using var ada = await server.PersonAsync();
        await ada.OpenGroupAsync();
        await using var visitor = await Visitor.LogInAsync(browser, server.Url, ada.Name);
        await visitor.OpenAsync("Test");
        await visitor.Button("People").ClickAsync();

        // The step back over the dialog's entry takes effect after this.
        await visitor.Page.EvaluateAsync("""
            () => {
              const dialog = document.querySelector("dialog");
              dialog.addEventListener("close", () => location.hash = "tasks");
              dialog.close();
            }
            """);

        await Expect(visitor.Page.Locator(".tasks")).ToBeVisibleAsync();
        // Above the conversation, in the place of the dialog: the step back has taken effect.
        await visitor.Page.WaitForFunctionAsync("() => location.hash === '#tasks' && history.state.depth === 2");
        await visitor.Page.GoBackAsync();
        await Expect(visitor.Composer).ToBeVisibleAsync();
    }

    [Fact, Needs(Browser.Program)]
    public async Task BackFromANewChatLeadsToTheList()
    {
        using var grace = await server.PersonAsync();
        await using var visitor = await Visitor.RegisterAsync(browser, server.Url, look: Look.Phone);
        await visitor.OpenChatAsync(grace.Name);

        await visitor.Page.GoBackAsync();

        await ExpectListAsync(visitor);
        await Expect(visitor.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
    }

    [Fact, Needs(Browser.Program)]
    public async Task BackFromABookmarkedConversationLeadsToTheListAndAReloadChangesNothing()
    {
        using var ada = await server.PersonAsync();
        var room = await ada.OpenGroupAsync();
        await using var visitor = await Visitor.LogInAsync(browser, server.Url, ada.Name, Look.Phone);
        await visitor.Page.GotoAsync("about:blank");
        await visitor.Page.GotoAsync($"{server.Url}/#c/{room["conv:".Length..]}");
        await Expect(visitor.Composer).ToBeVisibleAsync();
        await visitor.Button("People").ClickAsync();
        await visitor.Page.ReloadAsync();
        await Expect(visitor.Composer).ToBeVisibleAsync();
        await visitor.Page.WaitForFunctionAsync("() => !history.state.isDialog");

        await visitor.Page.GoBackAsync();

        await ExpectListAsync(visitor);
    }

    private static Task LeaveAsync(Visitor visitor) =>
        visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Back to the list" }).ClickAsync();

    private static async Task ExpectListAsync(Visitor visitor)
    {
        await Expect(visitor.Page).Not.ToHaveURLAsync(Conversation());
        await Expect(visitor.Button("Log out")).ToBeVisibleAsync();
        await Expect(visitor.Composer).ToHaveCountAsync(0);
    }

    [GeneratedRegex("#c/")]
    private static partial Regex Conversation();
}
