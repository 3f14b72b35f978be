using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

[FullTier]
[Collection(BrowserTests.Name)]
public sealed class SessionTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    [Fact, Needs(Browser.Program)]
    public async Task WrongPasswordShowsSentence()
    {
        using var ada = await server.PersonAsync();
        await using var visitor = await Visitor.ArriveAsync(browser, server.Url, ada.Name);
        await visitor.Field("Username or e-mail address").FillAsync(ada.Name);
        await visitor.Field("Password").FillAsync("something else");

        await visitor.Button("Log in").ClickAsync();

        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The name or the password is wrong");
        await Expect(visitor.Field("Password")).ToBeFocusedAsync();
    }

    [Fact, Needs(Browser.Program)]
    public async Task TakenOrInvalidNameShowsSentence()
    {
        using var ada = await server.PersonAsync();
        await using var visitor = await Visitor.ArriveAsync(browser, server.Url, ada.Name);
        await visitor.Button("Create an account").ClickAsync();
        await visitor.Field("E-mail address").FillAsync("somebody@example.org");
        await visitor.Field("Password").FillAsync(Person.Password);

        await visitor.Field("Username").FillAsync("R2D2");
        await visitor.Button("Create account").ClickAsync();
        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The username must be 1 to 64 letters");
        await visitor.Field("Username").FillAsync(ada.Name);
        await visitor.Button("Create account").ClickAsync();

        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("That username is taken");
        await Expect(visitor.Field("Username")).ToBeFocusedAsync();
    }

    [Fact, Needs(Browser.Program)]
    public async Task LogoutElsewhereIsShown()
    {
        await using var visitor = await Visitor.RegisterAsync(browser, server.Url);
        using var elsewhere = new HttpClient { BaseAddress = new Uri(server.Url) };
        var token = await visitor.Page.EvaluateAsync<string>("() => JSON.parse(localStorage.getItem('chasqui.session')).token");
        elsewhere.DefaultRequestHeaders.Authorization = new("Bearer", token);

        await elsewhere.PostAsync("/api/logout/all", content: null);

        await Expect(visitor.Page.GetByText("You have been logged out")).ToBeVisibleAsync();
    }

    [Fact, Needs(Browser.Program)]
    public async Task LogoutRemovesDraftsAndOutbox()
    {
        using var grace = await server.PersonAsync();
        await using var visitor = await Visitor.RegisterAsync(browser, server.Url);
        await visitor.OpenChatAsync(grace.Name);
        await visitor.Line.CutAsync();
        await Expect(visitor.Banner).ToContainTextAsync("Connection lost");
        await visitor.SayAsync("never sent");
        await Expect(visitor.Pending).ToHaveCountAsync(1);
        await visitor.Composer.FillAsync("half a sentence");

        await visitor.Button("Log out").ClickAsync();
        await Expect(visitor.Page.GetByText("One message has not been sent yet.")).ToBeVisibleAsync();
        await visitor.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Log out" }).ClickAsync();

        await Expect(visitor.Button("Log in")).ToBeVisibleAsync();
        var kept = await visitor.Page.EvaluateAsync<string>("() => JSON.stringify(localStorage)");
        Assert.DoesNotContain("never sent", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("half a sentence", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", kept, StringComparison.Ordinal);
    }

    [Fact, Needs(Browser.Program)]
    public async Task NoTokenStandsInAnAddress()
    {
        var addresses = new List<string>();
        await using var visitor = await Visitor.ArriveAsync(browser, server.Url, Names.Next());
        visitor.Page.Request += (_, request) => addresses.Add(request.Url);
        visitor.Page.WebSocket += (_, socket) => addresses.Add(socket.Url);
        using var person = await server.PersonAsync(visitor.Name);
        await visitor.FillLoginAsync();
        await visitor.IsInAsync();
        await Expect(visitor.Page.GetByText("No conversations yet")).ToBeVisibleAsync();

        Assert.Contains(addresses, address => address.Contains("/api/ws/chat?ticket=", StringComparison.Ordinal));
        Assert.DoesNotContain(addresses, address => address.Contains("eyJ", StringComparison.Ordinal));
    }
}
