using System.Globalization;
using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

/// <summary>Conversations and lists of any length: the page holds the part around what is read.</summary>
[FullTier]
[Collection(AppearanceTests.Name)]
public sealed class WindowTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    private const int Many = 3000;

    /// <summary>Rows of messages that the page may hold, however long the conversation is.</summary>
    private const int MostMessages = 450;

    private const int MostConversations = 120;

    private static readonly ParallelOptions Parallelism = new() { MaxDegreeOfParallelism = 8 };

    [Fact, Needs(Browser.Program)]
    public async Task GroupWithThousandsOfUnreadMessagesOpensAtTheFirstAndLoadsMoreWhenItIsScrolled()
    {
        using var ada = await server.PersonAsync();
        using var grace = await server.PersonAsync();
        var room = await ada.OpenGroupAsync(grace);
        await SendAsync(ada, room, 100);
        await grace.ReadAsync(room, 100);
        await using var visitor = await Visitor.LogInAsync(browser, server.Url, grace.Name);
        await Expect(visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Test" })).ToBeVisibleAsync();
        await SendAsync(ada, room, Many);
        var requests = 0;
        visitor.Page.Request += (_, request) => requests += request.Url.Contains("/messages?", StringComparison.Ordinal) ? 1 : 0;

        await visitor.Page.ReloadAsync();
        await visitor.OpenAsync("Test");

        await Expect(visitor.Page.Locator(".unread-line")).ToBeInViewportAsync();
        await Expect(Message(visitor, 101)).ToBeInViewportAsync();
        await Expect(visitor.Page.Locator(".jump")).ToContainTextAsync("new messages");
        Assert.InRange(requests, 1, 4);
        Assert.InRange(await visitor.Page.Locator(".message").CountAsync(), 50, 200);

        // Down to the newest, with nothing left out and a bounded number of rows.
        var most = await visitor.Page.EvaluateAsync<int>(
            """
            async last => {
              const scroller = document.querySelector(".scroller");
              let most = 0;
              for (let next = 102; next <= last;) {
                scroller.scrollTop += 400;
                await new Promise(requestAnimationFrame);
                const rows = [...document.querySelectorAll(".message")];
                most = Math.max(most, rows.length);
                const bottom = scroller.getBoundingClientRect().bottom;
                const seqs = rows.filter(row => row.getBoundingClientRect().bottom <= bottom + 1)
                  .map(row => Number(row.dataset.seq));
                if (rows.some((row, index) => index > 0 && Number(row.dataset.seq) !== Number(rows[index - 1].dataset.seq) + 1)) {
                  return -1;
                }
                next = Math.max(next, seqs.at(-1) + 1);
              }
              return most;
            }
            """,
            Many + 100);
        Assert.InRange(most, 1, MostMessages);
        await Expect(Message(visitor, Many + 100)).ToBeInViewportAsync();
        await Expect(visitor.Unread).ToHaveCountAsync(0);
    }

    [Fact, Needs(Browser.Program)]
    public async Task PartOfTheUnreadMessagesIsReadWhenItHasBeenSeen()
    {
        using var ada = await server.PersonAsync();
        using var grace = await server.PersonAsync();
        var room = await ada.OpenGroupAsync(grace);
        await SendAsync(ada, room, 10);
        await grace.ReadAsync(room, 10);
        await using var visitor = await Visitor.LogInAsync(browser, server.Url, grace.Name);
        await Expect(visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Test" })).ToBeVisibleAsync();
        await SendAsync(ada, room, 60);
        await visitor.OpenAsync("Test");
        await Expect(Message(visitor, 11)).ToBeInViewportAsync();
        await Expect(visitor.Unread).Not.ToContainTextAsync("60");

        await visitor.Page.Locator(".jump").ClickAsync();

        await Expect(Message(visitor, 70)).ToBeInViewportAsync();
        await Expect(visitor.Unread).ToHaveCountAsync(0);
    }

    [Fact, Needs(Browser.Program)]
    public async Task BusyRoomKeepsABoundedNumberOfRowsAndItsReaderInPlace()
    {
        using var ada = await server.PersonAsync();
        using var grace = await server.PersonAsync();
        var room = await ada.OpenGroupAsync(grace);
        await SendAsync(ada, room, 60);
        await grace.ReadAsync(room, 60);
        await using var visitor = await Visitor.LogInAsync(browser, server.Url, grace.Name);
        await visitor.OpenAsync("Test");
        await Expect(Message(visitor, 60)).ToBeInViewportAsync();

        await SendAsync(ada, room, 1000);
        await Expect(Message(visitor, 1060)).ToBeInViewportAsync();
        Assert.InRange(await visitor.Page.Locator(".message").CountAsync(), 50, MostMessages);

        await visitor.Page.Locator(".scroller").EvaluateAsync("scroller => { scroller.scrollTop -= 1000 }");
        await Expect(visitor.Button("To the newest")).ToBeVisibleAsync();
        var seen = await FirstSeenAsync(visitor);
        await SendAsync(ada, room, 1000);
        await Expect(visitor.Button("1000 new messages")).ToBeVisibleAsync();
        Assert.Equal(seen, await FirstSeenAsync(visitor));
        Assert.InRange(await visitor.Page.Locator(".message").CountAsync(), 50, MostMessages);

        await visitor.Page.Locator(".jump").ClickAsync();
        await Expect(Message(visitor, 2060)).ToBeInViewportAsync();
        await visitor.SayAsync("I have read it all");
        await Expect(Message(visitor, 2061)).ToBeInViewportAsync();
        await Expect(visitor.Pending).ToHaveCountAsync(0);
    }

    [Fact, Needs(Browser.Program)]
    public async Task ListOfThousandsOfConversationsShowsAMessageInTheOldest()
    {
        using var ada = await server.PersonAsync();
        using var grace = await server.PersonAsync();
        var oldest = (await ada.OpenAsync("group", [grace.Id], "Oldest")).Text("id");
        await Parallel.ForEachAsync(Enumerable.Range(1, Many - 1), Parallelism, async (number, _) =>
            await grace.OpenAsync("group", [], string.Create(CultureInfo.InvariantCulture, $"Group {number}")));
        await using var visitor = await Visitor.LogInAsync(browser, server.Url, grace.Name);
        var rows = visitor.Page.Locator(".conversation");
        await Expect(rows.First).ToBeVisibleAsync();
        Assert.InRange(await rows.CountAsync(), 20, MostConversations);

        await ada.SendAsync(oldest, "Is anybody here?");
        // The page joins thousands before it.
        await Expect(rows.First).ToContainTextAsync("Is anybody here?", new() { Timeout = 120_000 });
        await Expect(visitor.Unread).ToHaveTextAsync("1 unread");

        // With the keyboard to the other end, and all rows on the way there.
        await rows.First.FocusAsync();
        await visitor.Page.Keyboard.PressAsync("End");
        await Expect(rows.Last).ToBeFocusedAsync();
        await Expect(rows.Last).ToBeInViewportAsync();
        await Expect(visitor.Page.Locator($".conversations > [aria-posinset='{Many}']"))
            .ToHaveAttributeAsync("aria-setsize", $"{Many}");
        Assert.InRange(await rows.CountAsync(), 20, MostConversations);

        // What is in view stays when a conversation moves to the top.
        var seen = await TopAsync(rows.Last);
        await ada.SendAsync(oldest, "Nobody?");
        await Expect(visitor.Page).ToHaveTitleAsync("(2) Chasqui");
        Assert.Equal(seen, await TopAsync(rows.Last));
    }

    private static ILocator Message(Visitor visitor, int seq) =>
        visitor.Page.Locator(string.Create(CultureInfo.InvariantCulture, $"[data-seq='{seq}']"));

    private static async Task<double> TopAsync(ILocator row) => (await row.BoundingBoxAsync())!.Y;

    private static Task<string> FirstSeenAsync(Visitor visitor) => visitor.Page.EvaluateAsync<string>("""
        () => {
          const top = document.querySelector(".scroller").getBoundingClientRect().top;
          const row = [...document.querySelectorAll(".message")].find(each => each.getBoundingClientRect().top >= top);
          return `${row.dataset.seq} at ${Math.round(row.getBoundingClientRect().top)}`;
        }
        """);

    private static Task SendAsync(Person person, string room, int count) =>
        Parallel.ForEachAsync(Enumerable.Range(1, count), Parallelism, async (number, _) =>
            await person.SendAsync(room, string.Create(CultureInfo.InvariantCulture, $"message {number}")));
}
