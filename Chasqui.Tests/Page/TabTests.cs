using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

[FullTier]
[Collection(BrowserTests.Name)]
public sealed class TabTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    [Fact, Needs(Browser.Program)]
    public async Task TwoTabsShowTheSame()
    {
        using var grace = await server.PersonAsync();
        await using var one = await Visitor.RegisterAsync(browser, server.Url);
        await one.OpenChatAsync(grace.Name);
        await using var other = await one.NewTabAsync();
        await Expect(other.Composer).ToBeVisibleAsync();

        await one.SayAsync("from the one");
        await Expect(other.Said).ToHaveTextAsync(["from the one"]);
        await other.SayAsync("from the other");

        string[] said = ["from the one", "from the other"];
        await Expect(one.Said).ToHaveTextAsync(said);
        await Expect(other.Said).ToHaveTextAsync(said);
    }

    [Fact, Needs(Browser.Program)]
    public async Task OutboxOfDisconnectedTabIsSentOnceByOtherTab()
    {
        using var grace = await server.PersonAsync();
        await using var one = await Visitor.RegisterAsync(browser, server.Url);
        await one.OpenChatAsync(grace.Name);
        await one.SayAsync("first");
        await Expect(one.Pending).ToHaveCountAsync(0);
        await using var other = await one.NewTabAsync();
        await Expect(other.Said).ToHaveTextAsync(["first"]);
        await other.Line.CutAsync();
        await Expect(other.Banner).ToContainTextAsync("Connection lost");

        await other.SayAsync("written in the other");

        await Expect(one.Said).ToHaveTextAsync(["first", "written in the other"]);
        await Expect(one.Pending).ToHaveCountAsync(0);
        await Expect(other.Pending).ToHaveCountAsync(0);
        other.Line.Mend();
        await Expect(other.Said).ToHaveTextAsync(["first", "written in the other"]);
    }

    [Fact, Needs(Browser.Program)]
    public async Task ReadMarkIsSharedBetweenTabs()
    {
        using var grace = await server.PersonAsync();
        await using var one = await Visitor.RegisterAsync(browser, server.Url);
        await using var other = await one.NewTabAsync();
        var room = await OpenWithAsync(grace, one.Name);
        await grace.SendAsync(room, "Hello");
        await Expect(one.Unread).ToContainTextAsync("1");
        await Expect(other.Unread).ToContainTextAsync("1");

        await other.OpenAsync(grace.Name);

        await Expect(one.Unread).ToHaveCountAsync(0);
    }

    [Fact, Needs(Browser.Program)]
    public async Task LoggingOutInOneTabLogsOutInBoth()
    {
        await using var one = await Visitor.RegisterAsync(browser, server.Url);
        await using var other = await one.NewTabAsync();
        await other.IsInAsync();

        await one.Button("Log out").ClickAsync();

        await Expect(other.Page.GetByRole(AriaRole.Heading, new() { Name = "Log in" })).ToBeVisibleAsync();
        await one.FillLoginAsync();
        await other.IsInAsync();
    }

    private static async Task<string> OpenWithAsync(Person person, string name) =>
        (await (await person.PostAsync("/api/conversations", new { conversation_type = "direct", participant_ids = new[] { name } }))
            .ReadAsync(200)).Text("id");
}
