using System.Globalization;
using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

[FullTier]
[Collection(BrowserTests.Name)]
public sealed class ChatTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    [Fact, Needs(Browser.Program)]
    public async Task TwoPeopleChatInTwoBrowsers()
    {
        await using var ada = await Visitor.RegisterAsync(browser, server.Url);
        await using var grace = await Visitor.RegisterAsync(browser, server.Url);

        await ada.OpenChatAsync(grace.Name);
        await ada.SayAsync("Hello Grace");
        await Expect(grace.Unread).ToContainTextAsync("1");
        await Expect(grace.Page).ToHaveTitleAsync("(1) Chasqui");
        await grace.OpenAsync(ada.Name);
        await grace.SayAsync("Hello Ada");
        await ada.SayAsync("How are you?");

        string[] said = ["Hello Grace", "Hello Ada", "How are you?"];
        await Expect(ada.Said).ToHaveTextAsync(said);
        await Expect(grace.Said).ToHaveTextAsync(said);
        await Expect(ada.Pending).ToHaveCountAsync(0);
        await Expect(grace.Unread).ToHaveCountAsync(0);
        await Expect(ada.Page.GetByRole(AriaRole.Log)).ToContainTextAsync($"{grace.Name}: Hello Ada");
    }

    [Fact, Needs(Browser.Program)]
    public async Task MessageContentIsShownAsText()
    {
        string[] said =
        [
            "<img src=x onerror=alert(1)>", "<script>alert(1)</script>", "&lt;b&gt; &amp; ** bold ** <b>bold</b>",
            "مرحبا <b>بالعالم</b> abc", new string('w', 3000), string.Concat(Enumerable.Repeat("🎉", 9_000)), "two\nlines\n\n  and spaces",
        ];
        await using var ada = await Visitor.RegisterAsync(browser, server.Url);
        await using var grace = await Visitor.RegisterAsync(browser, server.Url);
        await ada.OpenChatAsync(grace.Name);

        foreach (var text in said)
        {
            await ada.SayAsync(text);
        }

        await grace.OpenAsync(ada.Name);
        await Expect(grace.Said).ToHaveCountAsync(said.Length);
        Assert.Equal(said, await grace.Said.AllTextContentsAsync());
        await Expect(grace.Said.Locator("*")).ToHaveCountAsync(0);
        await Expect(grace.Page.Locator("img:not(.logo), script:not([src])")).ToHaveCountAsync(0);
        Assert.True(await grace.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"));
        Assert.True(await grace.Page.EvaluateAsync<bool>("() => document.querySelector('.scroller').scrollWidth <= document.querySelector('.scroller').clientWidth"));
    }

    [Fact, Needs(Browser.Program)]
    public async Task OfflineMessageIsSentAfterReconnectAndReload()
    {
        await using var ada = await Visitor.RegisterAsync(browser, server.Url);
        await using var grace = await Visitor.RegisterAsync(browser, server.Url);
        await ada.OpenChatAsync(grace.Name);
        await ada.SayAsync("before");
        await Expect(ada.Pending).ToHaveCountAsync(0);

        await ada.Line.CutAsync();
        await Expect(ada.Banner).ToContainTextAsync("Connection lost");
        await ada.SayAsync("while away");
        await ada.SayAsync("and more");
        await Expect(ada.Pending).ToHaveCountAsync(2);
        await ada.Page.ReloadAsync();
        await Expect(ada.Banner).ToContainTextAsync("cannot be reached");
        ada.Line.Mend();

        string[] said = ["before", "while away", "and more"];
        await Expect(ada.Said).ToHaveTextAsync(said);
        await Expect(ada.Pending).ToHaveCountAsync(0);
        await grace.OpenAsync(ada.Name);
        await Expect(grace.Said).ToHaveTextAsync(said);
    }

    [Fact, Needs(Browser.Program)]
    public async Task TryNowReconnectsAtOnce()
    {
        await using var ada = await Visitor.RegisterAsync(browser, server.Url);
        await ada.Page.Clock.InstallAsync();
        await ada.Page.ReloadAsync();
        await Expect(ada.Page.GetByText("No conversations yet.")).ToBeVisibleAsync();

        // It does not retry while its clock stands still.
        await ada.Line.CutAsync();
        await Expect(ada.Banner).ToContainTextAsync("Connection lost");
        await ada.Page.Clock.PauseAtAsync(DateTime.UtcNow.AddSeconds(5));
        await Expect(ada.Button("Try now")).ToBeVisibleAsync();
        ada.Line.Mend();
        await ada.Button("Try now").ClickAsync();
        await Expect(ada.Banner).ToBeHiddenAsync();
    }

    [Fact, Needs(Browser.Program)]
    public async Task ScrollingUpLoadsOlderMessagesWithoutJump()
    {
        await ScrollUpAsync(pixels: 150);
        await ScrollUpAsync(pixels: 100_000); // as with Home
    }

    [Fact, Needs(Browser.Program)]
    public async Task LongNamesStayInTheWindow()
    {
        var name = new string('W', 40);
        using var grace = await server.PersonAsync(name + Names.Next());
        await grace.PostAsync("/api/conversations", new { conversation_type = "group", participant_ids = Array.Empty<string>(), name });

        await using var ada = await Visitor.LogInAsync(browser, server.Url, grace.Name, Look.Phone);
        await ada.OpenAsync(name);
        await Expect(ada.Button("People")).ToBeInViewportAsync(new() { Ratio = 1 });
        await Expect(ada.Composer).ToBeInViewportAsync(new() { Ratio = 1 });
        await ada.Page.GoBackAsync();
        await Expect(ada.Button("Log out")).ToBeInViewportAsync(new() { Ratio = 1 });
        await Expect(ada.Button("New chat")).ToBeInViewportAsync(new() { Ratio = 1 });
    }

    private async Task ScrollUpAsync(int pixels)
    {
        using var ada = await server.PersonAsync();
        using var grace = await server.PersonAsync();
        var room = await ada.OpenGroupAsync(grace);
        for (var i = 1; i <= 180; i++)
        {
            await ada.SendAsync(room, string.Create(CultureInfo.InvariantCulture, $"message {i}"));
        }

        await grace.ReadAsync(room, 180);
        await using var visitor = await Visitor.LogInAsync(browser, server.Url, grace.Name);
        await visitor.OpenAsync("Test");
        await Expect(visitor.Said.Last).ToHaveTextAsync("message 180");
        await Expect(visitor.Said.Last).ToBeInViewportAsync();
        await Expect(visitor.Page.GetByText("message 1", new() { Exact = true })).ToHaveCountAsync(0);
        await visitor.Page.Locator(".scroller").HoverAsync();

        // Wherever the page is scrolled to, what is seen stays where it is while older messages come in above.
        var jumps = await visitor.Page.EvaluateAsync<int>("""
            async pixels => {
              const scroller = document.querySelector(".scroller");
              const frame = () => new Promise(requestAnimationFrame);
              let jumps = 0;
              while (!document.querySelector('[data-seq="1"]')) {
                scroller.scrollTop = Math.max(0, scroller.scrollTop - pixels);
                await frame();
                // Not the very first, which loses its sender's name when others of the same come in above.
                const seen = [...document.querySelectorAll(".message")].filter(item => item.getBoundingClientRect().top > 120)[1];
                const before = seen.getBoundingClientRect().top, count = document.querySelectorAll(".message").length;
                for (let i = 0; i < 600 && scroller.scrollTop < 600 && document.querySelectorAll(".message").length === count && !document.querySelector('[data-seq="1"]'); i++) {
                  await frame();
                }
                if (Math.abs(seen.getBoundingClientRect().top - before) > 2) jumps++;
              }
              return jumps;
            }
            """, pixels);

        Assert.Equal(0, jumps);
        await Expect(visitor.Said).ToHaveCountAsync(180);
        Assert.Equal(
            Enumerable.Range(1, 180).Select(i => string.Create(CultureInfo.InvariantCulture, $"message {i}")),
            await visitor.Said.AllTextContentsAsync());
    }

    [Fact, Needs(Browser.Program)]
    public async Task NewMessageDoesNotScrollReaderOfHistory()
    {
        using var ada = await server.PersonAsync();
        using var grace = await server.PersonAsync();
        var room = await ada.OpenGroupAsync(grace);
        for (var i = 1; i <= 60; i++)
        {
            await ada.SendAsync(room, string.Create(CultureInfo.InvariantCulture, $"line {i}"));
        }

        await grace.ReadAsync(room, 60);
        await using var visitor = await Visitor.LogInAsync(browser, server.Url, grace.Name);
        await visitor.OpenAsync("Test");
        await Expect(visitor.Said.Last).ToHaveTextAsync("line 60");
        await Expect(visitor.Said.Last).ToBeInViewportAsync();
        await visitor.Page.Locator(".scroller").EvaluateAsync("scroller => { scroller.scrollTop = 0 }");
        await Expect(visitor.Button("To the newest")).ToBeVisibleAsync();
        await ada.SendAsync(room, "something new");

        await visitor.Button("1 new message").ClickAsync();

        await Expect(visitor.Said.Last).ToHaveTextAsync("something new");
        await Expect(visitor.Said.Last).ToBeInViewportAsync();
        await Expect(visitor.Page.Locator(".jump")).ToBeHiddenAsync();
        await Expect(visitor.Unread).ToHaveCountAsync(0);
    }

    [Fact, Needs(Browser.Program)]
    public async Task ARefusedMessageSaysWhyAndCanBeDiscarded()
    {
        using var ada = await server.PersonAsync();
        using var grace = await server.PersonAsync();
        var room = await ada.OpenGroupAsync(grace);
        await using var visitor = await Visitor.LogInAsync(browser, server.Url, grace.Name);
        await visitor.OpenAsync("Test");
        await visitor.Composer.FillAsync(new string('a', 10_001));

        await Expect(visitor.Page.GetByText("1 characters too many")).ToBeVisibleAsync();
        await Expect(visitor.Button("Send")).ToBeDisabledAsync();

        await visitor.Line.CutAsync();
        await Expect(visitor.Banner).ToContainTextAsync("Connection lost");
        await ada.Http.DeleteAsync($"/api/conversations/{room}/participants/{grace.Id}");
        await visitor.SayAsync("Am I still here?");
        visitor.Line.Mend();

        await Expect(visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Test" })).ToHaveCountAsync(0);
    }
}
