using System.Net.Http.Json;
using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

/// <summary>A small office that has talked for a while, and a walk through all views of it.</summary>
internal sealed class Scene
{
    /// <summary>More than the list has room for.</summary>
    private static readonly (string Group, string Said)[] Others =
    [
        ("Book club", "We meet on Thursday, chapter nine."), ("Running", "Six o'clock at the bridge?"), ("Garden", "The tomatoes need water."),
        ("Deliveries", "Two parcels are at the front desk."), ("Design", "The new icons are in."), ("Support", "Nobody waits."),
        ("Music", "The room is free on Monday."), ("Kitchen", "Who took the blue cup?"), ("Parking", "The gate is open again."),
        ("Holidays", "The calendar is up to date."),
    ];

    private readonly TestServer _server;
    private readonly Person _ada;

    private Scene(TestServer server, Person ada) => (_server, _ada) = (server, ada);

    public static async Task<Scene> SetAsync(TestServer server)
    {
        var ada = await server.PersonAsync("Ada");
        using var grace = await server.PersonAsync("Grace");
        using var linus = await server.PersonAsync("Linus");
        using var radia = await server.PersonAsync("Radia");
        using var layla = await server.PersonAsync("ليلى");
        foreach (var (group, said) in Others)
        {
            await SayAsync((await ada.OpenAsync("group", ["Grace", "Linus"], group)).Text("id"), (ada, said));
        }

        await SayAsync(await OpenAsync(ada, "Radia"), (radia, "The switch in the basement is back."), (ada, "Thank you, that was fast!"));
        await SayAsync(await OpenAsync(ada, "ليلى"), (layla, "صباح الخير! هل وصلت الأوراق؟"), (ada, "Yes, this morning."));
        await SayAsync(
            await OpenAsync(ada, "Linus"),
            (linus, "I put the build logs on the file server, next to the old ones."), (linus, "Have a look when you have time, no hurry."));
        var release = (await (await ada.PostAsync("/api/conversations", new { conversation_type = "group", name = "Release", participant_ids = new[] { "Grace", "Linus", "Radia" } })).ReadAsync(200)).Text("id");
        await SayAsync(
            release,
            (grace, "Good morning! Shall we ship today?"),
            (linus, "The tests ran through the night, all green."),
            (linus, "I would like one more look at the migration, though: it copies `chasqui.db` before it touches **anything**."),
            (ada, "I tried it on a copy of the old database. It took four seconds, and the copy opens."),
            (radia, "Then the backup is the only thing that is left. I can do it at noon."),
            (grace, "Noon is fine. Who writes the notes?"),
            (ada, "I do. A draft is on the list."),
            (grace, "Wonderful. Then we ship at three."));
        var stored = (await ada.GetAsync($"/api/conversations/{release}/messages?after=0")).AsArray();
        string Message(int number) => $"/api/conversations/{release}/messages/{stored[number - 1]!.Text("id")}";
        foreach (var person in new[] { ada, linus })
        {
            await (await person.Http.PutAsync(Message(8) + "/reactions/" + Uri.EscapeDataString("❤️"), content: null)).ReadAsync(200);
        }

        await (await grace.Http.PatchAsJsonAsync(Message(6), new { content = "Noon is fine. Who writes the @Ada notes?" })).ReadAsync(200);
        await (await linus.Http.DeleteAsync(Message(2))).ReadAsync(200);
        await (await radia.PostAsync($"/api/conversations/{release}/messages", new
        {
            content = "See you then, @Ada.",
            reply_to = stored[7]!.Text("id"),
        })).ReadAsync(200);
        await (await ada.PostAsync($"/api/conversations/{release}/participants", new { identifier = "ليلى" })).ReadAsync(200);
        await ada.ReadAsync(release, 14);
        foreach (var (task, isDone) in new[] { ("Try the migration on a copy", true), ("Back up the server at noon", false), ("Write the release notes", false), ("Water the plants", false) })
        {
            var added = await (await ada.PostAsync("/api/tasks", new { task_name = task })).ReadAsync(200);
            if (isDone)
            {
                await ada.Http.PatchAsync($"/api/tasks/{added.Text("uuid")}", content: null);
            }
        }

        return new Scene(server, ada);
    }

    /// <summary>Goes through the views, and lets each be looked at.</summary>
    public async Task PlayAsync(Browser browser, Look look, Func<IPage, string, Task> see)
    {
        await using var ada = await Visitor.ArriveAsync(browser, _server.Url, _ada.Name, look);
        var page = ada.Page;
        await Expect(ada.Button("Log in")).ToBeVisibleAsync();
        await see(page, "login");
        await ada.Button("Create an account").ClickAsync();
        await see(page, "register");
        await ada.Button("Log in").ClickAsync();
        await ada.FillLoginAsync();
        await ada.IsInAsync();
        await Expect(page.Locator(".conversation")).ToHaveCountAsync(4 + Others.Length);
        await Expect(page.GetByText("See you then, @Ada.")).ToBeVisibleAsync();
        await see(page, "list");
        await ada.OpenAsync("Release");
        await Expect(ada.Said).ToHaveCountAsync(9);
        await Expect(page.Locator(".note")).ToHaveTextAsync("You added ليلى");
        await see(page, "conversation");
        var last = page.Locator(".message").Last;
        await last.HoverAsync();
        await last.Locator(".menu-button").ClickAsync();
        await see(page, "menu");
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Reply" }).ClickAsync();
        await see(page, "reply");
        await ada.Button("Do not reply").ClickAsync();
        await ada.Button("People").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await see(page, "people");
        await ada.Button("Done").ClickAsync();
        await ada.Line.CutAsync();
        await Expect(ada.Banner).ToContainTextAsync("Connection lost");
        await ada.Composer.FillAsync("I will be in the train by then.");
        await ada.Button("Send").ClickAsync();
        await Expect(ada.Pending).ToHaveCountAsync(1);
        await see(page, "reconnecting");
        // Not sent: the next look begins with the same scene.
        await page.EvaluateAsync("() => Object.keys(localStorage).filter(key => key.includes('outbox')).forEach(key => localStorage.removeItem(key))");
        await page.GotoAsync("about:blank");
        ada.Line.Mend();
        await page.GotoAsync(_server.Url);
        await Expect(page.Locator(".conversation")).ToHaveCountAsync(4 + Others.Length);
        await ada.Button("New chat").First.ClickAsync();
        foreach (var other in new[] { "Grace", "Radia" })
        {
            await page.GetByRole(AriaRole.Combobox).FillAsync(other);
            await page.GetByRole(AriaRole.Option, new() { Name = other }).ClickAsync();
        }

        await ada.Field("Name of the group").FillAsync("Lunch");
        await page.GetByRole(AriaRole.Combobox).FillAsync("L");
        await Expect(page.GetByRole(AriaRole.Option).First).ToBeVisibleAsync();
        await see(page, "new-group");
        await page.Keyboard.PressAsync("Escape");
        await page.GetByRole(AriaRole.Link, new() { Name = "Tasks" }).ClickAsync();
        await Expect(page.GetByText("3 open, 1 done")).ToBeVisibleAsync();
        await see(page, "tasks");
    }

    private static async Task<string> OpenAsync(Person person, string other) =>
        (await (await person.PostAsync("/api/conversations", new { conversation_type = "direct", participant_ids = new[] { other } })).ReadAsync(200)).Text("id");

    private static async Task SayAsync(string conversation, params (Person Who, string What)[] lines)
    {
        foreach (var (who, what) in lines)
        {
            await who.SendAsync(conversation, what);
        }
    }
}
