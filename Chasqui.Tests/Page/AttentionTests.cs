using Chasqui.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

[FullTier]
[Collection(BrowserTests.Name)]
public sealed class AttentionTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    [Fact, Needs(Browser.Program)]
    public async Task VisibleWindowWithoutFocusMarksNoMessagesRead()
    {
        using var ada = await server.PersonAsync();
        using var grace = await server.PersonAsync();
        var room = await ada.OpenGroupAsync(grace);
        await grace.SendAsync(room, "before");
        await using var visitor = await Visitor.LogInAsync(browser, server.Url, ada.Name);
        await visitor.OpenAsync("Test");
        await Expect(visitor.Said).ToHaveTextAsync(["before"]);
        await SetFocusAsync(visitor, hasFocus: false);

        await grace.SendAsync(room, "while another window is in use");

        await Expect(visitor.Said).ToHaveCountAsync(2);
        await Expect(visitor.Unread).ToContainTextAsync("1");
        await Expect(visitor.Page).ToHaveTitleAsync("(1) Test – Chasqui");
        await Expect(visitor.Page.GetByText("New messages")).ToBeVisibleAsync();
        await SetFocusAsync(visitor, hasFocus: true);
        await Expect(visitor.Unread).ToHaveCountAsync(0);
        await Expect(visitor.Page).ToHaveTitleAsync("Test – Chasqui");
    }

    /// <summary>Playwright gives all of its pages the focus.</summary>
    private static async Task SetFocusAsync(Visitor visitor, bool hasFocus) => await visitor.Page.EvaluateAsync(
        """
        hasFocus => {
          document.hasFocus = () => hasFocus;
          dispatchEvent(new Event(hasFocus ? "focus" : "blur"));
        }
        """,
        hasFocus);
}
