using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

/// <summary>Desktop notifications. The desktop is replaced: nobody is there to answer its question or to click.</summary>
[FullTier]
[Collection(AppearanceTests.Name)]
public sealed class NotificationTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    private const string Desktop = """
        globalThis.shown = [];
        globalThis.asked = 0;
        globalThis.Notification = class {
          static get permission() { return localStorage.getItem("desktop") ?? "default" }
          static async requestPermission() {
            globalThis.asked++;
            localStorage.setItem("desktop", "granted");
            return "granted";
          }
          constructor(title, { body, silent, tag }) {
            this.text = `${title}: ${body}${silent ? "" : " (sound)"}`;
            this.tag = tag;
            globalThis.shown.filter(each => each.tag === tag).forEach(each => each.close());
            globalThis.shown.push(this);
          }
          close() { this.isClosed = true }
        };
        """;

    [Fact, Needs(Browser.Program)]
    public async Task PermissionIsAskedForByTheSettingAndSoundsAreOff()
    {
        using var ada = await server.PersonAsync();
        await using var grace = await ArriveAsync();
        var direct = (await ada.OpenAsync("direct", [grace.Name])).Text("id");
        await ada.SendAsync(direct, "before");
        await Expect(grace.Unread).ToContainTextAsync("1");
        Assert.Equal(0, await grace.Page.EvaluateAsync<int>("() => asked"));

        await TurnOnAsync(grace);

        Assert.Equal(1, await grace.Page.EvaluateAsync<int>("() => asked"));
        await ada.SendAsync(direct, "**one**");
        await ShownAsync([grace], $"{ada.Name}: one");
        await grace.Button("Notifications").First.ClickAsync();
        await grace.Field("With a sound").CheckAsync();
        await grace.Button("Done").ClickAsync();
        await grace.Page.WaitForFunctionAsync("() => !history.state.isDialog");
        await ada.SendAsync(direct, "two");
        await ShownAsync([grace], $"{ada.Name}: one", $"{ada.Name}: two (sound)");
        await grace.Page.ReloadAsync();
        await Expect(grace.Unread).ToContainTextAsync("3");
        await ada.SendAsync(direct, "three");
        await ShownAsync([grace], $"{ada.Name}: three (sound)");
        Assert.Equal(0, await grace.Page.EvaluateAsync<int>("() => asked"));
    }

    [Fact, Needs(Browser.Program)]
    public async Task SeveralTabsNotifyOnceAndNotOfTheConversationThatIsLookedAt()
    {
        using var ada = await server.PersonAsync();
        await using var one = await ArriveAsync();
        await TurnOnAsync(one);
        await using var other = await one.NewTabAsync();
        await using var third = await one.NewTabAsync();
        var direct = (await ada.OpenAsync("direct", [one.Name])).Text("id");
        var group = (await ada.OpenAsync("group", [one.Name], "Release")).Text("id");
        Visitor[] tabs = [one, other, third];
        foreach (var tab in tabs)
        {
            await Expect(tab.Page.Locator(".conversation")).ToHaveCountAsync(1);
            await AttentionTests.SetFocusAsync(tab, false);
        }

        await ShownAsync(tabs, "You were added to Release: ");
        for (var i = 1; i <= 5; i++)
        {
            await ada.SendAsync(direct, $"message {i}");
        }

        string[] shown = ["You were added to Release: ", .. Enumerable.Range(1, 5).Select(i => $"{ada.Name}: message {i}")];
        await ShownAsync(tabs, shown);
        await other.OpenAsync(ada.Name);
        await AttentionTests.SetFocusAsync(other, true);
        await Expect(one.Page).ToHaveTitleAsync("(1) Chasqui");
        await ada.SendAsync(direct, "seen");
        await Expect(other.Said.Last).ToHaveTextAsync("seen");
        await ada.SendAsync(group, "not seen");
        await ShownAsync(tabs, [.. shown, $"{ada.Name} in Release: not seen"]);
        // What was read in one tab is no news in any.
        Assert.Empty(await UntilAsync(
            tabs, "shown.filter(each => !each.isClosed && each.text.includes('message'))", shown => shown.Length == 0));
        await AttentionTests.SetFocusAsync(other, false);
        await ada.SendAsync(direct, "in a window without focus");
        await ShownAsync(tabs, [.. shown, $"{ada.Name} in Release: not seen", $"{ada.Name}: in a window without focus"]);
    }

    [Fact, Needs(Browser.Program)]
    public async Task ConversationNotifiesOfAllMentionsOrNothing()
    {
        using var ada = await server.PersonAsync();
        await using var grace = await ArriveAsync();
        await TurnOnAsync(grace);
        await AttentionTests.SetFocusAsync(grace, false);
        var direct = (await ada.OpenAsync("direct", [grace.Name])).Text("id");
        await ada.SendAsync(direct, "first");
        await ShownAsync([grace], $"{ada.Name}: first");
        await grace.OpenAsync(ada.Name);

        await ChooseAsync(grace, "Only messages that mention you");
        await ada.SendAsync(direct, $"{grace.Name} without a sign");
        await ada.SendAsync(direct, $"@{grace.Name}x is another name");
        await ada.SendAsync(direct, $"Hello @{grace.Name.ToUpperInvariant()}, hello");
        await ShownAsync([grace], $"{ada.Name}: first", $"{ada.Name}: Hello @{grace.Name.ToUpperInvariant()}, hello");
        await ChooseAsync(grace, "Nothing");
        await ada.SendAsync(direct, $"@{grace.Name}");
        await Expect(grace.Said.Last).ToHaveTextAsync($"@{grace.Name}");
        await ChooseAsync(grace, "All messages");
        await ada.SendAsync(direct, "last");

        await ShownAsync([grace], $"{ada.Name}: first", $"{ada.Name}: Hello @{grace.Name.ToUpperInvariant()}, hello", $"{ada.Name}: last");
    }

    [Fact, Needs(Browser.Program)]
    public async Task ClickOpensTheConversation()
    {
        using var ada = await server.PersonAsync();
        await using var grace = await ArriveAsync();
        await TurnOnAsync(grace);
        await ada.SendAsync((await ada.OpenAsync("direct", [grace.Name])).Text("id"), "Hello");
        await ShownAsync([grace], $"{ada.Name}: Hello");

        await grace.Page.EvaluateAsync("() => { globalThis.focus = () => { globalThis.isFocused = true }; shown[0].onclick() }");

        await Expect(grace.Said).ToHaveTextAsync(["Hello"]);
        Assert.True(await grace.Page.EvaluateAsync<bool>("() => isFocused && shown[0].isClosed"));
    }

    [Fact, Needs(Browser.Program)]
    public async Task ClickWhileADialogIsOpenClosesItAndOpensTheConversation()
    {
        using var ada = await server.PersonAsync();
        await using var grace = await ArriveAsync();
        await TurnOnAsync(grace);
        await ada.SendAsync((await ada.OpenAsync("direct", [grace.Name])).Text("id"), "Hello");
        await ShownAsync([grace], $"{ada.Name}: Hello");
        await grace.Button("New chat").First.ClickAsync();
        var dialogs = grace.Page.GetByRole(AriaRole.Dialog);
        await Expect(dialogs).ToHaveCountAsync(1);

        await grace.Page.EvaluateAsync("() => shown[0].onclick()");

        await Expect(grace.Said).ToHaveTextAsync(["Hello"]);
        await Expect(dialogs).ToHaveCountAsync(0);
        await Expect(grace.Composer).ToBeFocusedAsync();
        await grace.Page.GoBackAsync();
        await Expect(grace.Composer).ToHaveCountAsync(0);
        await Expect(dialogs).ToHaveCountAsync(0);
    }

    [Fact, Needs(Browser.Program)]
    public async Task MessagesMissedWithoutConnectionAreNotifiedOf()
    {
        using var ada = await server.PersonAsync();
        await using var grace = await ArriveAsync();
        await TurnOnAsync(grace);
        var direct = (await ada.OpenAsync("direct", [grace.Name])).Text("id");
        await ada.SendAsync(direct, "one");
        await ShownAsync([grace], $"{ada.Name}: one");
        await grace.Line.CutAsync();
        await Expect(grace.Banner).ToContainTextAsync("Connection lost");
        await ada.SendAsync(direct, "two");
        await ada.SendAsync(direct, "three");

        grace.Line.Mend();

        await ShownAsync([grace], $"{ada.Name}: one", $"{ada.Name}: three");
    }

    [Fact, Needs(Browser.Program)]
    public async Task BlockedNotificationsSaySo()
    {
        await using var grace = await ArriveAsync();
        await grace.Page.EvaluateAsync("() => localStorage.setItem('desktop', 'denied')");

        await grace.Button("Notifications").ClickAsync();

        await Expect(grace.Field("Desktop notifications")).ToBeDisabledAsync();
        await Expect(grace.Page.GetByText("Notifications of this page are blocked.")).ToBeVisibleAsync();
    }

    private async Task<Visitor> ArriveAsync()
    {
        var visitor = await Visitor.RegisterAsync(browser, server.Url);
        await visitor.Context.AddInitScriptAsync(Desktop);
        await visitor.Page.ReloadAsync();
        await Expect(visitor.Page.GetByText("No conversations yet.")).ToBeVisibleAsync();
        return visitor;
    }

    private static async Task TurnOnAsync(Visitor visitor)
    {
        await visitor.Button("Notifications").First.ClickAsync();
        await Expect(visitor.Field("With a sound")).Not.ToBeCheckedAsync();
        await visitor.Field("Desktop notifications").CheckAsync();
        await Expect(visitor.Field("With a sound")).ToBeEnabledAsync();
        await visitor.Button("Done").ClickAsync();
    }

    private static async Task ChooseAsync(Visitor visitor, string choice)
    {
        await visitor.Page.Locator(".conversation-head").GetByLabel("Notifications").ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Radio, new() { Name = choice }).CheckAsync();
        await visitor.Button("Done").ClickAsync();
    }

    /// <summary>All tabs together have shown these.</summary>
    private static async Task ShownAsync(Visitor[] tabs, params string[] expected) =>
        Assert.Equal(expected.Order(), await UntilAsync(tabs, "shown", shown => shown.Length >= expected.Length));

    private static async Task<string[]> UntilAsync(Visitor[] tabs, string notifications, Func<string[], bool> isEnough)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(Browser.DeadlineMs));
        string[] shown;
        do
        {
            var all = await Task.WhenAll(tabs.Select(tab =>
                tab.Page.EvaluateAsync<string[]>($"() => {notifications}.map(each => each.text)")));
            shown = [.. all.SelectMany(each => each).Order()];
        }
        while (!isEnough(shown) && !deadline.IsCancellationRequested);
        return shown;
    }
}
