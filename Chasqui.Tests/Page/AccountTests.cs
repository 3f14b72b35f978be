using Chasqui.Server.Accounts;
using Chasqui.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

[FullTier]
[Collection(BrowserTests.Name)]
public sealed class AccountTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    private const string NewPassword = "battery staple";

    [Fact, Needs(Browser.Program)]
    public async Task InvitationLinkFillsTheRegistration()
    {
        await using var invited = new TestServer();
        await invited.StartAsync("--Accounts:Registration", "invited");
        var invite = await invited.Services.GetRequiredService<InvitationStore>().CreateAsync(uses: 1, TimeSpan.FromDays(1));
        await using var visitor = await Visitor.ArriveAsync(browser, $"{invited.Url}/#invite={invite}", Names.Next());

        await Expect(visitor.Field("Invitation")).ToHaveValueAsync(invite);
        await visitor.Field("Invitation").FillAsync("another");
        await FillRegistrationAsync(visitor);
        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The invitation is unknown");
        await Expect(visitor.Field("Invitation")).ToBeFocusedAsync();
        await visitor.Field("Invitation").FillAsync(invite);
        await visitor.Button("Create account").ClickAsync();

        await visitor.IsInAsync();
        Assert.DoesNotContain(invite, visitor.Page.Url, StringComparison.Ordinal);
    }

    [Fact, Needs(Browser.Program)]
    public async Task PageSaysThatAServerIsInvitedOrClosed()
    {
        await using var other = new TestServer();
        await other.StartAsync("--Accounts:Registration", "invited");
        await using (var visitor = await Visitor.ArriveAsync(browser, other.Url, Names.Next()))
        {
            await visitor.Button("Create an account").ClickAsync();
            await Expect(visitor.Field("Invitation")).ToBeVisibleAsync();
        }

        await other.StopAsync();
        await other.StartAsync("--Accounts:Registration", "closed");
        await using (var visitor = await Visitor.ArriveAsync(browser, other.Url, Names.Next()))
        {
            await Expect(visitor.Page.GetByText("Ask the operator of this server for an account.")).ToBeVisibleAsync();
            await Expect(visitor.Button("Create an account")).ToBeHiddenAsync();
        }
    }

    [Fact, Needs(Browser.Program)]
    public async Task NameThatOthersSeeIsShownEverywhere()
    {
        using var grace = await server.PersonAsync();
        await using var visitor = await Visitor.RegisterAsync(browser, server.Url);
        await using var other = await Visitor.LogInAsync(browser, server.Url, grace.Name);
        await visitor.OpenChatAsync(grace.Name);
        await visitor.SayAsync("Hello");
        await visitor.Page.GetByTitle("Account").ClickAsync();

        await visitor.Field("Name that others see").FillAsync("two\u2028lines");
        await visitor.Button("Save name").ClickAsync();
        await Expect(visitor.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "The name must be" })).ToBeVisibleAsync();
        await visitor.Field("Name that others see").FillAsync(" Ada Lovelace ");
        await visitor.Button("Save name").ClickAsync();

        await Expect(visitor.Page.GetByText("The name is saved.")).ToBeVisibleAsync();
        await Expect(visitor.Page.Locator(".me")).ToContainTextAsync("Ada Lovelace");
        await visitor.Page.ReloadAsync();
        await Expect(visitor.Field("Name that others see")).ToHaveValueAsync("Ada Lovelace");
        await Expect(visitor.Page.Locator(".me")).ToContainTextAsync("Ada Lovelace");
        await other.Page.ReloadAsync();
        await other.OpenAsync("Ada Lovelace");
        await Expect(other.Said).ToHaveTextAsync(["Hello"]);

        // Found by it, with the name that is unique.
        await other.Button("New chat").First.ClickAsync();
        await other.Page.GetByRole(AriaRole.Combobox).FillAsync("lovel");
        await Expect(other.Page.GetByRole(AriaRole.Option)).ToContainTextAsync([visitor.Name]);
    }

    [Fact, Needs(Browser.Program)]
    public async Task OpenPageRenewsItsTokenAndStaysLoggedIn()
    {
        await using var brief = new TestServer();
        await brief.StartAsync("--Accounts:TokenLifetime", "00:00:10");
        using var grace = await brief.PersonAsync();
        await using var visitor = await Visitor.RegisterAsync(browser, brief.Url);
        await using var tab = await visitor.NewTabAsync();
        await tab.IsInAsync();

        var first = await TokenAsync(visitor);
        var end = Jwt.Payload(first)["exp"]!.GetValue<long>();
        // The token that the sockets were opened with has expired.
        await visitor.Page.WaitForFunctionAsync("end => Date.now() > end", (end + 2) * 1000.0);
        Assert.NotEqual(first, await TokenAsync(visitor));
        using var again = await grace.AgainAsync();
        await again.SendAsync((await again.OpenAsync("direct", [visitor.Name])).Text("id"), "Still there?");

        foreach (var each in new[] { visitor, tab })
        {
            await each.OpenAsync(grace.Name);
            await Expect(each.Said).ToHaveTextAsync(["Still there?"]);
        }
    }

    [Fact, Needs(Browser.Program)]
    public async Task RenewalThatIsAnsweredAfterALoginInAnotherTabDoesNotReplaceItsToken()
    {
        using var ada = await server.PersonAsync();
        using var again = await ada.AgainAsync();
        await using var visitor = await Visitor.LogInAsync(browser, server.Url, ada.Name);
        await using var tab = await visitor.NewTabAsync();
        await tab.IsInAsync();
        var answering = new TaskCompletionSource();
        await visitor.Page.RouteAsync("**/api/token", async call =>
        {
            await answering.Task;
            await call.ContinueAsync();
        });
        await visitor.Page.EvaluateAsync("() => addEventListener('storage', ({ newValue }) => { globalThis.heard = newValue })");
        await visitor.Page.RunAndWaitForRequestAsync(() => StoreAsync("renewAt: 0"), "**/api/token");
        await StoreAsync($"renewAt: Date.now() + 1e9, token: '{again.Token}'");
        await visitor.Page.WaitForFunctionAsync("token => heard.includes(token)", again.Token);

        await visitor.Page.RunAndWaitForResponseAsync(
            () => Task.FromResult(answering.TrySetResult()),
            answer => answer.Url.EndsWith("/api/token", StringComparison.Ordinal));

        var request = await visitor.Page.RunAndWaitForRequestAsync(
            () => visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Tasks" }).ClickAsync(), "**/api/tasks");
        Assert.Equal($"Bearer {again.Token}", request.Headers["authorization"]);

        Task StoreAsync(string change) => tab.Page.EvaluateAsync($$"""
            () => localStorage.setItem("chasqui.session",
              JSON.stringify({ ...JSON.parse(localStorage.getItem("chasqui.session")), {{change}} }))
            """);
    }

    [Fact, Needs(Browser.Program)]
    public async Task AccountViewChangesThePassword()
    {
        await using var visitor = await Visitor.RegisterAsync(browser, server.Url);
        await OpenAccountAsync(visitor);
        await visitor.Field("Old password").FillAsync("wrong horse");
        await visitor.Field("New password").FillAsync(NewPassword);
        await visitor.Button("Change password").ClickAsync();
        await Expect(visitor.Page.GetByText("The old password is wrong.")).ToBeVisibleAsync();

        await visitor.Field("Old password").FillAsync(Person.Password);
        await visitor.Button("Change password").ClickAsync();

        await Expect(visitor.Page.GetByText("The password is changed.")).ToBeVisibleAsync();
        using var http = server.Anonymous();
        await (await http.PostAsync("/api/login", Rest.Json($$"""{"username":"{{visitor.Name}}","password":"{{NewPassword}}"}"""))).ReadAsync(200);
    }

    [Fact, Needs(Browser.Program)]
    public async Task AccountViewListsSessionsAndEndsThem()
    {
        await using var phone = await Visitor.RegisterAsync(browser, server.Url);
        await using var laptop = await Visitor.LogInAsync(browser, server.Url, phone.Name);
        await OpenAccountAsync(laptop);
        var sessions = laptop.Page.GetByRole(AriaRole.Region, new() { Name = "Where you are logged in" }).GetByRole(AriaRole.Listitem);
        await Expect(sessions).ToHaveCountAsync(2);
        await Expect(sessions.Filter(new() { HasText = "This one" })).ToHaveCountAsync(1);

        await sessions.GetByRole(AriaRole.Button).ClickAsync();

        await Expect(sessions).ToHaveCountAsync(1);
        await Expect(phone.Page.GetByText("You have been logged out")).ToBeVisibleAsync();
        await Expect(laptop.Page.GetByText($"Logged in as {laptop.Name}")).ToBeAttachedAsync();
        await Expect(laptop.Page.Locator(".pane")).ToBeFocusedAsync();
    }

    [Fact, Needs(Browser.Program)]
    public async Task UnblockingInTheAccountViewMovesTheFocusToTheNextUser()
    {
        using var ada = await server.PersonAsync();
        using var grace = await server.PersonAsync();
        using var linus = await server.PersonAsync();
        foreach (var blocked in new[] { grace, linus })
        {
            await ada.Http.PutAsync($"/api/blocks/{Uri.EscapeDataString(blocked.Id)}", content: null);
        }

        await using var visitor = await Visitor.LogInAsync(browser, server.Url, ada.Name);
        await OpenAccountAsync(visitor);
        var buttons = visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Blocked users" }).GetByRole(AriaRole.Button);
        await Expect(buttons).ToHaveCountAsync(2);

        await buttons.First.ClickAsync();

        await Expect(buttons).ToHaveCountAsync(1);
        await Expect(buttons).ToBeFocusedAsync();
    }

    [Fact, Needs(Browser.Program)]
    public async Task AccountViewLoadsWhenTheConnectionReturns()
    {
        await using var visitor = await Visitor.RegisterAsync(browser, server.Url);
        await visitor.Line.CutAsync();
        await OpenAccountAsync(visitor);
        await Expect(visitor.Page.Locator(".account .form-error").First).ToContainTextAsync("cannot be reached");
        await Expect(visitor.Page.GetByText("Loading sessions")).ToHaveCountAsync(0);

        visitor.Line.Mend();

        await Expect(visitor.Page.GetByText("This one")).ToBeVisibleAsync();
    }

    [Fact, Needs(Browser.Program)]
    public async Task ThemeAndLanguageOfDatesAreKept()
    {
        using var grace = await server.PersonAsync();
        await using var visitor = await Visitor.RegisterAsync(browser, server.Url);
        await grace.SendAsync((await grace.OpenAsync("direct", [visitor.Name])).Text("id"), "Hello");
        await OpenAccountAsync(visitor);
        await visitor.Field("Theme").SelectOptionAsync("dark");
        await Expect(visitor.Page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(26, 23, 21)");

        await visitor.Field("Language of dates").SelectOptionAsync("de");

        await visitor.OpenAsync(grace.Name);
        await Expect(visitor.Page.Locator(".day")).ToHaveTextAsync(["Heute"]);
        await Expect(visitor.Page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(26, 23, 21)");
    }

    [Fact, Needs(Browser.Program)]
    public async Task DirectChatIsBlockedAndUnblocked()
    {
        using var grace = await server.PersonAsync();
        await using var visitor = await Visitor.RegisterAsync(browser, server.Url);
        var talk = (await grace.OpenAsync("direct", [visitor.Name])).Text("id");
        await grace.SendAsync(talk, "Hello");
        await visitor.OpenAsync(grace.Name);
        await visitor.Button("More").ClickAsync();
        await visitor.Button("Block").ClickAsync();
        await Expect(visitor.Button("Unblock")).ToBeVisibleAsync();

        await (await grace.PostAsync($"/api/conversations/{talk}/messages", new { content = "Hello?" })).ReadProblemAsync(403, "blocked");

        await visitor.Page.Keyboard.PressAsync("Escape");
        await visitor.Button("More").ClickAsync();
        await visitor.Button("Unblock").ClickAsync();
        await Expect(visitor.Button("Block")).ToBeVisibleAsync();
        await grace.SendAsync(talk, "Thank you");
    }

    [Fact, Needs(Browser.Program)]
    public async Task HiddenChatComesBackWithItsNextMessage()
    {
        using var grace = await server.PersonAsync();
        await using var visitor = await Visitor.RegisterAsync(browser, server.Url);
        var talk = (await grace.OpenAsync("direct", [visitor.Name])).Text("id");
        await grace.SendAsync(talk, "Hello");
        await visitor.OpenAsync(grace.Name);
        await visitor.Button("More").ClickAsync();
        await visitor.Button("Hide").ClickAsync();
        var chats = visitor.Page.Locator(".conversation");
        await Expect(chats).ToHaveCountAsync(0);
        await Expect(visitor.Page.Locator(".list")).ToBeFocusedAsync();
        await visitor.Page.ReloadAsync();
        await Expect(visitor.Page.GetByText("No conversations yet")).ToBeVisibleAsync();

        await grace.SendAsync(talk, "Are you there?");

        await Expect(chats).ToHaveCountAsync(1);
        await Expect(visitor.Unread).ToContainTextAsync("1");
    }

    [Fact, Needs(Browser.Program)]
    public async Task EmptyDirectChatIsShownToTheUserWhoOpenedItOnly()
    {
        await using var grace = await Visitor.RegisterAsync(browser, server.Url);
        await using var visitor = await Visitor.RegisterAsync(browser, server.Url);
        var chats = visitor.Page.Locator(".conversation");
        await visitor.OpenChatAsync(grace.Name);
        await Expect(chats).ToHaveCountAsync(1);
        await visitor.Page.ReloadAsync();
        await Expect(chats).ToHaveCountAsync(1);
        await Expect(grace.Page.GetByText("No conversations yet")).ToBeVisibleAsync();
        await grace.Page.ReloadAsync();
        await Expect(grace.Page.GetByText("No conversations yet")).ToBeVisibleAsync();

        await visitor.SayAsync("Hello");

        await Expect(grace.Page.Locator(".conversation")).ToHaveCountAsync(1);
    }

    private static Task<string> TokenAsync(Visitor visitor) =>
        visitor.Page.EvaluateAsync<string>("() => JSON.parse(localStorage.getItem('chasqui.session')).token");

    private static async Task OpenAccountAsync(Visitor visitor)
    {
        await visitor.Page.GetByTitle("Account").ClickAsync();
        await Expect(visitor.Button("Change password")).ToBeVisibleAsync();
    }

    private static async Task FillRegistrationAsync(Visitor visitor)
    {
        await visitor.Field("Username").FillAsync(visitor.Name);
        await visitor.Field("E-mail address").FillAsync(visitor.Name + "@example.org");
        await visitor.Field("Password").FillAsync(Person.Password);
        await visitor.Button("Create account").ClickAsync();
    }
}
