using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

[FullTier]
[Collection(BrowserTests.Name)]
public sealed class GroupTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    [Fact, Needs(Browser.Program)]
    public async Task GroupIsOpenedExtendedAndLeft()
    {
        using var linus = await server.PersonAsync();
        using var mary = await server.PersonAsync();
        await using var ada = await Visitor.RegisterAsync(browser, server.Url);
        await using var grace = await Visitor.RegisterAsync(browser, server.Url);

        await ada.OpenChatAsync(grace.Name, linus.Name);
        await grace.OpenAsync("New Group");
        await Expect(grace.Page.GetByText("3 people")).ToBeVisibleAsync();
        await grace.Button("People").ClickAsync();
        await grace.Page.GetByRole(AriaRole.Combobox).FillAsync(mary.Name);
        await grace.Page.GetByRole(AriaRole.Option, new() { Name = mary.Name }).ClickAsync();
        await grace.Button("Add").ClickAsync();
        await Expect(grace.Page.GetByRole(AriaRole.Dialog).GetByText(mary.Name)).ToBeVisibleAsync();
        await Expect(ada.Page.GetByText("4 people")).ToBeVisibleAsync();
        await grace.Button("Leave group").ClickAsync();
        await grace.Button("Leave").ClickAsync();

        await Expect(grace.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(grace.Page.GetByRole(AriaRole.Link, new() { Name = "New Group" })).ToHaveCountAsync(0);
        await Expect(grace.Page.Locator(".list")).ToBeFocusedAsync();
        await Expect(ada.Page.GetByText("3 people")).ToBeVisibleAsync();
    }

    [Fact, Needs(Browser.Program)]
    public async Task ManyMembersAreAddedWithOneCall()
    {
        using var linus = await server.PersonAsync();
        using var mary = await server.PersonAsync();
        await using var ada = await Visitor.RegisterAsync(browser, server.Url);
        using var owner = await server.PersonAsync();
        await owner.OpenAsync("group", [ada.Name], "Release");
        await ada.OpenAsync("Release");
        var calls = 0;
        ada.Page.Request += (_, request) => calls += request.Url.EndsWith("/participants", StringComparison.Ordinal) ? 1 : 0;

        await ada.Button("People").ClickAsync();
        foreach (var added in new[] { linus, mary })
        {
            await ada.Page.GetByRole(AriaRole.Combobox).FillAsync(added.Name);
            await ada.Page.GetByRole(AriaRole.Option, new() { Name = added.Name }).ClickAsync();
        }

        await ada.Button("Add").ClickAsync();

        await Expect(ada.Page.GetByText("4 people")).ToBeVisibleAsync();
        Assert.Equal(1, calls);
    }

    [Fact, Needs(Browser.Program)]
    public async Task NewNameAndRemovalAreShownAtOnce()
    {
        using var owner = await server.PersonAsync();
        await using var ada = await Visitor.RegisterAsync(browser, server.Url);
        await using var grace = await Visitor.RegisterAsync(browser, server.Url);
        var room = await owner.OpenAsync("group", [ada.Name, grace.Name], "Release");
        await ada.OpenAsync("Release");
        await grace.OpenAsync("Release");
        await ada.Button("People").ClickAsync();
        await grace.Button("People").ClickAsync();

        await ada.Page.GetByLabel("Name of the group").FillAsync("Next release");
        await ada.Button("Rename").ClickAsync();

        foreach (var page in new[] { ada.Page, grace.Page })
        {
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "People in Next release" })).ToBeVisibleAsync();
            await Expect(page.GetByLabel("Name of the group")).ToHaveValueAsync("Next release");
            await Expect(page.Locator(".conversation-head").GetByText("Next release")).ToBeVisibleAsync();
            await Expect(page.Locator(".list").GetByText("Next release")).ToBeVisibleAsync();
        }

        var path = $"/api/conversations/{room.Text("id")}/participants";
        await (await owner.Http.DeleteAsync($"{path}/{ada.Name}")).ReadAsync(200);

        var told = ada.Page.GetByRole(AriaRole.Dialog, new() { Name = "You are no longer in “Next release”" });
        await Expect(told).ToBeVisibleAsync();
        await Expect(ada.Page.GetByRole(AriaRole.Link, new() { Name = "Next release" })).ToHaveCountAsync(0);
        await Expect(grace.Page.GetByText("2 people")).ToBeVisibleAsync();
    }

    [Fact, Needs(Browser.Program)]
    public async Task MembersBeyondTheFirst100AreLoadedByScrolling()
    {
        using var owner = await server.PersonAsync();
        await using var ada = await Visitor.RegisterAsync(browser, server.Url);
        var others = new List<string>();
        for (var i = 0; i < 130; i++)
        {
            using var other = await server.PersonAsync();
            others.Add(other.Name);
        }

        await owner.OpenAsync("group", [ada.Name, .. others], "Everybody");
        await ada.OpenAsync("Everybody");
        await Expect(ada.Page.GetByText("132 people")).ToBeVisibleAsync();

        await ada.Button("People").ClickAsync();
        var members = ada.Page.Locator(".members .member-name");
        await Expect(members).ToHaveCountAsync(100);
        await ada.Page.Locator(".members").EvaluateAsync("list => { list.scrollTop = list.scrollHeight; }");

        await Expect(members).ToHaveCountAsync(132);
        await Expect(ada.Page.Locator(".members .spinner")).ToHaveCountAsync(0);
        Assert.Equal(132, (await members.AllTextContentsAsync()).Distinct().Count());
    }

    [Theory, Needs(Browser.Program)]
    [InlineData("\u200b")]
    [InlineData("\u3164 \u2800")]
    public async Task NothingVisibleCannotBeSent(string text)
    {
        using var grace = await server.PersonAsync();
        await using var ada = await Visitor.RegisterAsync(browser, server.Url);
        await ada.OpenChatAsync(grace.Name);

        await ada.Composer.FillAsync(text);

        await Expect(ada.Button("Send")).ToBeDisabledAsync();
    }

    [Fact, Needs(Browser.Program)]
    public async Task RemovedMemberIsToldAndKeepsUnsentText()
    {
        using var ada = await server.PersonAsync();
        await using var grace = await Visitor.RegisterAsync(browser, server.Url);
        var room = await ada.OpenAsync("group", [grace.Name], "Release");
        await grace.OpenAsync("Release");
        await grace.Line.CutAsync();
        await grace.SayAsync("not sent");
        await Expect(grace.Pending).ToHaveCountAsync(1);
        await grace.Composer.FillAsync("not finished");
        await (await ada.Http.DeleteAsync($"/api/conversations/{room.Text("id")}/participants/{grace.Name}")).ReadAsync(200);

        grace.Line.Mend();

        var told = grace.Page.GetByRole(AriaRole.Dialog, new() { Name = "You are no longer in “Release”" });
        await Expect(told).ToBeVisibleAsync();
        await Expect(told.GetByLabel("Unsent messages")).ToHaveValueAsync("not sent\n\nnot finished");
        await grace.Button("OK").ClickAsync();
        await Expect(grace.Page.GetByRole(AriaRole.Link, new() { Name = "Release" })).ToHaveCountAsync(0);
        // The step back over the dialog has taken effect: it would end the reload.
        await grace.Page.WaitForFunctionAsync("() => !history.state.isDialog && location.hash === ''");
        await grace.Page.ReloadAsync();
        await grace.IsInAsync();
        await Expect(grace.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
    }

    [Fact, Needs(Browser.Program)]
    public async Task RemovedMemberIsToldInPlaceOfAnOpenDialogAndReturnsToTheList()
    {
        using var ada = await server.PersonAsync();
        await using var grace = await Visitor.RegisterAsync(browser, server.Url);
        await ada.OpenAsync("group", [grace.Name], "First");
        var room = await ada.OpenAsync("group", [grace.Name], "Second");
        await grace.OpenAsync("First");
        await grace.OpenAsync("Second");
        await grace.Page.Locator(".conversation-head").GetByLabel("Notifications").ClickAsync();
        await grace.Line.CutAsync();
        await (await ada.Http.DeleteAsync($"/api/conversations/{room.Text("id")}/participants/{grace.Name}")).ReadAsync(200);

        grace.Line.Mend();

        var told = grace.Page.GetByRole(AriaRole.Dialog, new() { Name = "You are no longer in “Second”" });
        await Expect(told).ToBeVisibleAsync();
        await Expect(grace.Page.Locator("dialog")).ToHaveCountAsync(1);
        await grace.Button("OK").ClickAsync();
        await Expect(grace.Page.GetByRole(AriaRole.Link, new() { Name = "First" })).ToBeFocusedAsync();
        await Expect(grace.Composer).ToHaveCountAsync(0);
    }

    [Fact, Needs(Browser.Program)]
    public async Task UserWhoIsAddedToAMissingGroupThatIsOpenCanWriteThere()
    {
        using var ada = await server.PersonAsync();
        var room = await ada.OpenGroupAsync();
        await using var grace = await Visitor.RegisterAsync(browser, server.Url);
        await grace.Page.GotoAsync($"{server.Url}/#c/{room["conv:".Length..]}");
        await Expect(grace.Page.GetByText("This conversation does not exist")).ToBeVisibleAsync();
        await Expect(grace.Composer).ToBeHiddenAsync();

        await (await ada.PostAsync($"/api/conversations/{room}/participants", new { identifier = grace.Name })).ReadAsync(200);

        await Expect(grace.Composer).ToBeVisibleAsync();
        await Expect(grace.Button("People")).ToBeVisibleAsync();
        await grace.SayAsync("Here I am");
        await Expect(grace.Said).ToHaveTextAsync(["Here I am"]);
    }

    [Fact, Needs(Browser.Program)]
    public async Task MemberWhoLeavesKeepsUnsentText()
    {
        using var ada = await server.PersonAsync();
        await using var grace = await Visitor.RegisterAsync(browser, server.Url);
        await ada.OpenAsync("group", [grace.Name], "Release");
        await grace.OpenAsync("Release");
        await grace.Composer.FillAsync("not finished");
        await grace.Button("People").ClickAsync();
        await grace.Button("Leave group").ClickAsync();

        await grace.Button("Leave").ClickAsync();

        await Expect(grace.Page.GetByLabel("Unsent messages")).ToHaveValueAsync("not finished");
    }

    [Fact, Needs(Browser.Program)]
    public async Task TasksAreAddedAndTickedOff()
    {
        await using var ada = await Visitor.RegisterAsync(browser, server.Url);
        await ada.Page.GetByRole(AriaRole.Link, new() { Name = "Tasks" }).ClickAsync();
        await Expect(ada.Page.GetByText("Nothing to do.")).ToBeVisibleAsync();
        await ada.Field("New task").FillAsync("Water the <b>plants</b>");
        await ada.Field("New task").PressAsync("Enter");

        await ada.Page.GetByRole(AriaRole.Checkbox, new() { Name = "Water the <b>plants</b>" }).CheckAsync();

        await Expect(ada.Page.GetByText("0 open, 1 done")).ToBeVisibleAsync();
        await ada.Page.ReloadAsync();
        await Expect(ada.Page.GetByRole(AriaRole.Checkbox)).ToBeCheckedAsync();
    }
}
