using System.Net.Http.Json;
using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

/// <summary>What happens to messages and between people, on two screens side by side.</summary>
[FullTier]
[Collection(BrowserTests.Name)]
public sealed class MessageChangeTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    [Fact, Needs(Browser.Program)]
    public async Task EditedMessageChangesOnBothScreens()
    {
        await using var pair = await Pair.OpenAsync(browser, server);
        await pair.Ada.SayAsync("frist");
        await Expect(pair.Grace.Said).ToHaveTextAsync(["frist"]);

        // The last own message, from the keyboard.
        await pair.Ada.Composer.PressAsync("ArrowUp");
        await Expect(pair.Ada.Composer).ToHaveValueAsync("frist");
        await pair.Ada.SayAsync("first");

        foreach (var visitor in pair.Both)
        {
            await Expect(visitor.Said).ToHaveTextAsync(["first"]);
            await Expect(visitor.Page.Locator(".meta").GetByText("edited")).ToBeVisibleAsync();
            await Expect(visitor.Page.Locator(".conversation-preview")).ToContainTextAsync("first");
        }

        await Expect(pair.Ada.Composer).ToHaveValueAsync("");
        // It was no answer that waits to be sent.
        await pair.Ada.Composer.PressAsync("ArrowUp");
        await pair.Ada.Composer.PressAsync("Escape");
        await Expect(pair.Ada.Composer).ToHaveValueAsync("");
    }

    [Fact, Needs(Browser.Program)]
    public async Task DeletedMessageLeavesATombstone()
    {
        await using var pair = await Pair.OpenAsync(browser, server);
        await pair.Grace.SayAsync("a secret");
        await Expect(pair.Ada.Said).ToHaveTextAsync(["a secret"]);

        // Ada owns the group.
        await ChooseAsync(pair.Ada, "a secret", "Delete");
        await pair.Ada.Button("Delete").ClickAsync();

        foreach (var visitor in pair.Both)
        {
            await Expect(visitor.Said).ToHaveTextAsync(["This message was deleted"]);
            await Expect(visitor.Page.Locator(".conversation-preview")).ToContainTextAsync("Message deleted");
            await Expect(visitor.Page.Locator(".menu-button")).ToHaveCountAsync(0);
        }
    }

    [Fact, Needs(Browser.Program)]
    public async Task ReactionsAreCountedAndTakenBack()
    {
        await using var pair = await Pair.OpenAsync(browser, server);
        await pair.Ada.SayAsync("Lunch?");
        await Expect(pair.Grace.Said).ToHaveTextAsync(["Lunch?"]);

        await ChooseAsync(pair.Grace, "Lunch?", "React with 🎉");
        await pair.Ada.Page.Locator(".reaction").ClickAsync();

        var names = new[] { $"You, {pair.Ada.Name}", $"{pair.Grace.Name}, You" };
        await Expect(pair.Grace.Page.Locator(".reaction")).ToHaveAttributeAsync("title", names[0]);
        await Expect(pair.Ada.Page.Locator(".reaction")).ToHaveAttributeAsync("title", names[1]);
        await pair.Grace.Page.Locator(".reaction").ClickAsync();
        await Expect(pair.Ada.Page.Locator(".reaction")).ToHaveAttributeAsync("title", "You");
        await pair.Ada.Page.Locator(".reaction").ClickAsync();
        await Expect(pair.Grace.Page.Locator(".reaction")).ToHaveCountAsync(0);
    }

    [Fact, Needs(Browser.Program)]
    public async Task ReplyShowsWhatItAnswersAndLeadsThere()
    {
        await using var pair = await Pair.OpenAsync(browser, server);
        await pair.Ada.SayAsync("Who writes the notes?");
        await Expect(pair.Grace.Said).ToHaveCountAsync(1);
        for (var i = 0; i < 130; i++)
        {
            await pair.Writer.SendAsync(pair.Group, $"line {i}");
        }

        await Expect(pair.Grace.Said.Last).ToHaveTextAsync("line 129");
        // The server has her mark.
        await Expect(pair.Ada.Page.Locator(".message").Last.Locator(".mark.seen")).ToBeVisibleAsync();
        // The first one is no longer loaded.
        await pair.Grace.Page.ReloadAsync();
        await Expect(pair.Grace.Said.Last).ToHaveTextAsync("line 129");
        var first = (await pair.Writer.GetAsync($"/api/conversations/{pair.Group}/messages?after=0&limit=1"))[0]!.Text("id");
        await (await pair.Writer.PostAsync($"/api/conversations/{pair.Group}/messages", new { content = "I do.", reply_to = first })).ReadAsync(200);

        foreach (var visitor in pair.Both)
        {
            await Expect(visitor.Page.Locator(".quote-text")).ToHaveTextAsync("Who writes the notes?");
        }

        await pair.Grace.Page.Locator(".quote").ClickAsync();
        await Expect(pair.Grace.Said.First).ToBeInViewportAsync();
        await Expect(pair.Grace.Said.First).ToHaveTextAsync("Who writes the notes?");
    }

    [Fact, Needs(Browser.Program)]
    public async Task MentionIsCompletedAndStandsOut()
    {
        await using var pair = await Pair.OpenAsync(browser, server);
        await pair.Grace.Page.EvaluateAsync("() => location.hash = ''");
        await pair.Ada.Composer.PressSequentiallyAsync("Hi @" + pair.Grace.Name[..^1]);
        await Expect(pair.Ada.Page.GetByRole(AriaRole.Option)).ToHaveCountAsync(1);
        await pair.Ada.Composer.PressAsync("Tab");
        await Expect(pair.Ada.Composer).ToHaveValueAsync($"Hi @{pair.Grace.Name} ");

        await pair.Ada.Composer.PressAsync("Enter");

        await Expect(pair.Grace.Page.Locator(".mention-badge")).ToBeVisibleAsync();
        await Expect(pair.Grace.Unread).ToContainTextAsync("1");
        await pair.Grace.OpenAsync("Test");
        await Expect(pair.Grace.Page.Locator(".message.mentioned")).ToHaveCountAsync(1);
        await Expect(pair.Grace.Page.Locator(".mention-badge")).ToHaveCountAsync(0);
    }

    [Fact, Needs(Browser.Program)]
    public async Task MentionIsCountedThatAnEditAddsAndOneThatADeletionRemovesIsNot()
    {
        await using var pair = await Pair.OpenAsync(browser, server);
        var badge = pair.Grace.Page.Locator(".mention-badge");
        await pair.Grace.Page.EvaluateAsync("() => location.hash = ''");
        var messages = $"/api/conversations/{pair.Group}/messages";
        var message = messages + "/" + (await (await pair.Writer.PostAsync(messages, new { content = "Hi" })).ReadAsync(200)).Text("id");
        await Expect(pair.Grace.Unread).ToContainTextAsync("1");
        await Expect(badge).ToHaveCountAsync(0);

        await (await pair.Writer.Http.PatchAsJsonAsync(message, new { content = "Hi @" + pair.Grace.Name })).ReadAsync(200);
        await Expect(badge).ToBeVisibleAsync();

        await (await pair.Writer.Http.DeleteAsync(message)).ReadAsync(200);
        await Expect(badge).ToHaveCountAsync(0);
    }

    [Fact, Needs(Browser.Program)]
    public async Task TypingIsShownUntilItEnds()
    {
        await using var pair = await Pair.OpenAsync(browser, server);

        await pair.Ada.Composer.PressSequentiallyAsync("Well");
        await Expect(pair.Grace.Page.Locator(".typing")).ToHaveTextAsync($"{pair.Ada.Name} is typing…");

        await pair.Ada.Composer.PressAsync("Enter");
        await Expect(pair.Grace.Page.Locator(".typing")).ToHaveTextAsync("");
    }

    [Fact, Needs(Browser.Program)]
    public async Task WhatIsReadOnOneDeviceIsReadOnTheOther()
    {
        await using var pair = await Pair.OpenAsync(browser, server);
        await pair.Grace.Page.EvaluateAsync("() => location.hash = 'tasks'");
        await using var phone = await Visitor.LogInAsync(browser, server.Url, pair.Grace.Name, Look.Phone);
        await pair.Ada.SayAsync("one");
        await pair.Ada.SayAsync("two");
        await Expect(phone.Unread).ToContainTextAsync("2");
        await Expect(pair.Grace.Unread).ToContainTextAsync("2");

        await phone.OpenAsync("Test");

        await Expect(pair.Grace.Unread).ToHaveCountAsync(0);
        await Expect(pair.Ada.Page.Locator(".mark.seen")).ToHaveCountAsync(2);
        await pair.Grace.Page.ReloadAsync();
        await Expect(pair.Grace.Page.Locator(".conversation")).ToHaveCountAsync(1);
        await Expect(pair.Grace.Unread).ToHaveCountAsync(0);
    }

    [Fact, Needs(Browser.Program)]
    public async Task RefusedChangeSaysSoAndIsTriedAgain()
    {
        await using var pair = await Pair.OpenAsync(browser, server);
        await pair.Ada.SayAsync("frist");
        await Expect(pair.Grace.Said).ToHaveCountAsync(1);
        await pair.Ada.Composer.PressAsync("ArrowUp");
        await pair.Ada.Line.CutAsync();
        await Expect(pair.Ada.Banner).ToContainTextAsync("Connection lost");

        await pair.Ada.SayAsync("first");
        await Expect(pair.Ada.Page.GetByText("The message was not changed")).ToBeVisibleAsync();
        pair.Ada.Line.Mend();
        await Expect(pair.Ada.Banner).ToHaveAttributeAsync("data-phase", "online");
        await pair.Ada.Button("Try again").ClickAsync();

        await Expect(pair.Grace.Said).ToHaveTextAsync(["first"]);
        await Expect(pair.Ada.Page.Locator(".notice")).ToBeHiddenAsync();
    }

    [Fact, Needs(Browser.Program)]
    public async Task ChangesOfTheTimeWithoutAConnectionAreShown()
    {
        await using var pair = await Pair.OpenAsync(browser, server);
        var message = (await pair.Writer.SendAsync(pair.Group, "frist")).Text("id");
        await Expect(pair.Grace.Said).ToHaveTextAsync(["frist"]);
        await pair.Grace.Line.CutAsync();
        await Expect(pair.Grace.Banner).ToContainTextAsync("Connection lost");

        var path = $"/api/conversations/{pair.Group}/messages/{message}";
        await (await pair.Writer.Http.PatchAsJsonAsync(path, new { content = "first" })).ReadAsync(200);
        await (await pair.Writer.Http.PutAsync(path + "/reactions/👍", content: null)).ReadAsync(200);
        await (await pair.Writer.Http.PatchAsJsonAsync($"/api/conversations/{pair.Group}", new { name = "Renamed" })).ReadAsync(200);
        pair.Grace.Line.Mend();

        await Expect(pair.Grace.Said).ToHaveTextAsync(["first"]);
        await Expect(pair.Grace.Page.Locator(".reaction")).ToHaveCountAsync(1);
        await Expect(pair.Grace.Page.Locator(".note")).ToContainTextAsync("renamed the group to “Renamed”");
    }

    private static async Task ChooseAsync(Visitor visitor, string message, string entry)
    {
        var row = visitor.Page.Locator(".message", new() { HasText = message });
        await row.HoverAsync();
        await row.Locator(".menu-button").ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Menuitem, new() { Name = entry, Exact = true }).ClickAsync();
    }

    /// <summary>Two people who look at one group; the first owns it.</summary>
    private sealed record Pair(Visitor Ada, Visitor Grace, Person Writer, string Group) : IAsyncDisposable
    {
        public Visitor[] Both => [Ada, Grace];

        public static async Task<Pair> OpenAsync(Browser browser, TestServer server)
        {
            var writer = await server.PersonAsync();
            using var other = await server.PersonAsync();
            var group = await writer.OpenGroupAsync(other);
            var pair = new Pair(
                await Visitor.LogInAsync(browser, server.Url, writer.Name),
                await Visitor.LogInAsync(browser, server.Url, other.Name, Look.Phone with { IsDark = true }),
                writer,
                group);
            foreach (var visitor in pair.Both)
            {
                await visitor.OpenAsync("Test");
            }

            return pair;
        }

        public async ValueTask DisposeAsync()
        {
            await Ada.DisposeAsync();
            await Grace.DisposeAsync();
            Writer.Dispose();
        }
    }
}
