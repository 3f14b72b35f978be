using System.Globalization;
using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

/// <summary>Many people behind one address log in at once: the server asks some of them to wait.</summary>
[FullTier]
[Collection(BrowserTests.Name)]
public sealed class LoginWaitTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    private const string Busy = """{"status":429,"detail":"Too many logins at the moment","code":"rate_limited"}""";

    private int _calls;

    [Fact, Needs(Browser.Program)]
    public async Task BusyServerIsAskedAgainAfterItsTimeAndPasswordIsNotInvalid()
    {
        using var person = await server.PersonAsync();
        await using var ada = await ArriveAsync(person.Name, refusals: 2, seconds: 30);

        await ada.FillLoginAsync();

        for (var calls = 1; calls <= 2; calls++)
        {
            await Expect(ada.Page.Locator(".login-waiting [role=status]")).ToHaveTextAsync("Too many logins at the moment.");
            await Expect(ada.Page.GetByText("Trying again in 3")).ToBeVisibleAsync();
            await Expect(ada.Field("Password")).Not.ToHaveAttributeAsync("aria-invalid", "true");
            await ada.Page.Clock.RunForAsync(29_000);
            Assert.Equal(calls, _calls);
            // A quarter more at most, so that not all come back at once.
            await ada.Page.Clock.RunForAsync(9_000);
        }

        await ada.IsInAsync();
        Assert.Equal(3, _calls);
    }

    [Fact, Needs(Browser.Program)]
    public async Task WaitCanBeCancelled()
    {
        using var person = await server.PersonAsync();
        await using var ada = await ArriveAsync(person.Name, refusals: 1, seconds: 600);
        await ada.FillLoginAsync();
        await Expect(ada.Button("Log in")).ToBeDisabledAsync();

        await ada.Button("Cancel").ClickAsync();

        await Expect(ada.Button("Log in")).ToBeEnabledAsync();
        await Expect(ada.Page.Locator(".login-waiting")).ToBeHiddenAsync();
        await Expect(ada.Button("Log in")).ToBeFocusedAsync();
        await ada.Page.Clock.FastForwardAsync(900_000);
        Assert.Equal(1, _calls);
        await ada.Button("Log in").ClickAsync();
        await ada.IsInAsync();
    }

    [Fact, Needs(Browser.Program)]
    public async Task NewAccountIsRegisteredOnceWhileItsLoginWaits()
    {
        await using var ada = await ArriveAsync(Names.Next(), refusals: 1, seconds: 30);
        await ada.Button("Create an account").ClickAsync();
        await ada.Field("Username").FillAsync(ada.Name);
        await ada.Field("E-mail address").FillAsync(ada.Name + "@example.org");
        await ada.Field("Password").FillAsync(Person.Password);

        await ada.Button("Create account").ClickAsync();

        await Expect(ada.Page.GetByText("Trying again in")).ToBeVisibleAsync();
        await ada.Page.Clock.RunForAsync(40_000);
        await ada.IsInAsync();
    }

    [Fact, Needs(Browser.Program)]
    public async Task UnreachableServerDoesNotMarkAFieldAsInvalid()
    {
        await using var ada = await Visitor.ArriveAsync(browser, server.Url, Names.Next());
        await ada.Line.CutAsync();

        await ada.FillLoginAsync();

        await Expect(ada.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("cannot be reached");
        await Expect(ada.Page.Locator("[aria-invalid=true]")).ToHaveCountAsync(0);
    }

    /// <summary>The first logins are refused, with the header alone, as a proxy would; the clock stands still.</summary>
    private async Task<Visitor> ArriveAsync(string name, int refusals, int seconds)
    {
        var visitor = await Visitor.ArriveAsync(browser, server.Url, name);
        await visitor.Page.RouteAsync("**/api/login", call => ++_calls > refusals ? call.ContinueAsync() : call.FulfillAsync(new()
        {
            Status = 429,
            ContentType = "application/problem+json",
            Headers = [new("Retry-After", seconds.ToString(CultureInfo.InvariantCulture))],
            Body = Busy,
        }));
        await visitor.Page.Clock.InstallAsync();
        await visitor.Page.ReloadAsync();
        await visitor.Page.Clock.PauseAtAsync(DateTime.UtcNow.AddMinutes(1));
        return visitor;
    }
}
