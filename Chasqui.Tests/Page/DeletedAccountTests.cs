using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

[FullTier]
[Collection(BrowserTests.Name)]
public sealed class DeletedAccountTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    [Fact, Needs(Browser.Program)]
    public async Task DeletedAccountsAreToldApartAndNothingCanBeSentToThem()
    {
        using var ada = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        using var cleo = await server.PersonAsync();
        var direct = (await ada.OpenAsync("direct", [ben.Id])).Text("id");
        await ben.SendAsync(direct, "Goodbye");
        await cleo.SendAsync((await ada.OpenAsync("direct", [cleo.Id])).Text("id"), "So long");
        var group = await ada.OpenGroupAsync(ben, cleo);
        await ben.SendAsync(group, "Goodbye all");
        await cleo.SendAsync(group, "Me too");
        await ben.DeleteAccountAsync();
        await cleo.DeleteAccountAsync();
        await using var visitor = await Visitor.LogInAsync(browser, server.Url, ada.Name);

        await visitor.OpenAsync("Test");
        await Expect(visitor.Page.Locator(".sender")).ToHaveTextAsync([Gone(ben), Gone(cleo)]);
        await Expect(visitor.Page.Locator(".conversation-name").Filter(new() { HasText = Gone(cleo) })).ToBeVisibleAsync();
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = Gone(ben) }).ClickAsync();

        await Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = Gone(ben) })).ToBeVisibleAsync();
        await Expect(visitor.Said).ToHaveTextAsync(["Goodbye"]);
        await Expect(visitor.Page.GetByText("This account was deleted.")).ToBeVisibleAsync();
        await Expect(visitor.Composer).ToBeHiddenAsync();
        await Expect(visitor.Page.GetByText("Only you")).ToHaveCountAsync(0);
    }

    /// <summary>The page does not know yet.</summary>
    [Fact, Needs(Browser.Program)]
    public async Task MessageToAccountThatWasJustDeletedSaysWhyItCannotBeSent()
    {
        using var ada = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        await ben.SendAsync((await ada.OpenAsync("direct", [ben.Id])).Text("id"), "Hello");
        await using var visitor = await Visitor.LogInAsync(browser, server.Url, ada.Name);
        await visitor.OpenAsync(ben.Name);
        await ben.DeleteAccountAsync();

        await visitor.SayAsync("Are you there?");

        await Expect(visitor.Page.GetByRole(AriaRole.Alert)
            .Filter(new() { HasText = "The account of the other member was deleted" })).ToBeVisibleAsync();
        await Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = Gone(ben) })).ToBeVisibleAsync();
    }

    private static string Gone(Person person) => $"Deleted account {person.Id[^4..]}";
}
