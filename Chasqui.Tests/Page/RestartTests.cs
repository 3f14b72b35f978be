using System.Globalization;
using System.Net.Http.Headers;
using Chasqui.Tests.Checker;
using Chasqui.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

[FullTier]
[Collection(BrowserTests.Name)]
public sealed class RestartTests(Browser browser)
{
    private const int Before = 6;
    private const int Meanwhile = 12;

    [Fact, Needs(Browser.Program)]
    public async Task KilledServerLosesAndRepeatsNoMessageOnThePage()
    {
        using var data = new TemporaryFolder();
        await using var server = new RestartableServer(data.Path);
        await server.StartAsync();
        var url = server.Url.ToString();
        await using var ada = await Visitor.RegisterAsync(browser, url);
        await using var grace = await Visitor.RegisterAsync(browser, url);
        await ada.OpenChatAsync(grace.Name);
        await grace.OpenChatAsync(ada.Name);

        await TalkAsync(1, Before);
        // Killed while both are writing, and they go on.
        var killing = server.KillAsync();
        await TalkAsync(Before + 1, Meanwhile);
        await killing;
        await Expect(ada.Banner).ToContainTextAsync("Connection lost");
        await ada.SayAsync("ada into the dark");
        await Expect(ada.Pending.Filter(new() { HasText = "ada into the dark" })).ToBeVisibleAsync();
        await grace.Page.ReloadAsync().ContinueWith(_ => { }, TaskScheduler.Default);
        await server.StartAsync();
        await grace.Page.GotoAsync(url + new Uri(ada.Page.Url).Fragment);
        await grace.SayAsync("grace after the restart");

        string[] expected =
        [
            .. Enumerable.Range(1, Meanwhile).SelectMany(i => new[] { Line("ada", i), Line("grace", i) }),
            "ada into the dark", "grace after the restart",
        ];
        foreach (var visitor in new[] { ada, grace })
        {
            await Expect(visitor.Said).ToHaveCountAsync(expected.Length);
            await Expect(visitor.Pending).ToHaveCountAsync(0);
            await Expect(visitor.Page.Locator(".message [data-seq]")).ToHaveCountAsync(0);
        }

        // All members see the stored messages in the stored order, and each sent message is stored once.
        var stored = await HistoryAsync(ada, server.Url);
        Assert.Equal(expected.Order(), stored.Order());
        Assert.Equal(stored, await ada.Said.AllTextContentsAsync());
        Assert.Equal(stored, await grace.Said.AllTextContentsAsync());
        foreach (var who in new[] { "ada", "grace" })
        {
            Assert.Equal(expected.Where(line => line.StartsWith(who, StringComparison.Ordinal)), stored.Where(line => line.StartsWith(who, StringComparison.Ordinal)));
        }

        async Task TalkAsync(int first, int last)
        {
            for (var i = first; i <= last; i++)
            {
                await ada.SayAsync(Line("ada", i));
                await grace.SayAsync(Line("grace", i));
            }
        }
    }

    /// <summary>What the server has by then is as much as the page knew, and more: only its epoch tells that it is something else.</summary>
    [Fact, Needs(Browser.Program)]
    public async Task RestoredServerThatHasGrownIsShownAsStored()
    {
        using var data = new TemporaryFolder();
        using var other = new TemporaryFolder();
        var backup = Path.Combine(other.Path, "chasqui.backup");
        await using var server = new RestartableServer(data.Path);
        await server.StartAsync();
        var url = server.Url.ToString();
        await using var ada = await Visitor.RegisterAsync(browser, url);
        await using var grace = await Visitor.RegisterAsync(browser, url);
        await ada.OpenChatAsync(grace.Name);
        await ada.SayAsync("kept");
        await Expect(ada.Pending).ToHaveCountAsync(0);
        await Programs.RunServerAsync(other.Path, "backup", backup, "--Storage:DataFolder", data.Path);
        await ada.SayAsync("lost");
        await Expect(ada.Pending).ToHaveCountAsync(0);
        await ada.Line.CutAsync();
        await RestoreAsync(server, data.Path, other.Path, backup);
        await grace.OpenAsync(ada.Name);
        await grace.SayAsync("new");
        await grace.SayAsync("newer");
        await Expect(grace.Pending).ToHaveCountAsync(0);

        ada.Line.Mend();

        await Expect(ada.Said).ToHaveTextAsync(["kept", "new", "newer"]);
        await Expect(grace.Said).ToHaveTextAsync(["kept", "new", "newer"]);
    }

    /// <summary>It was hidden at a message that the server no longer has.</summary>
    [Fact, Needs(Browser.Program)]
    public async Task HiddenChatIsShownAgainAfterARestore()
    {
        using var data = new TemporaryFolder();
        using var other = new TemporaryFolder();
        var backup = Path.Combine(other.Path, "chasqui.backup");
        await using var server = new RestartableServer(data.Path);
        await server.StartAsync();
        var url = server.Url.ToString();
        await using var ada = await Visitor.RegisterAsync(browser, url);
        await using var grace = await Visitor.RegisterAsync(browser, url);
        await ada.OpenChatAsync(grace.Name);
        await ada.SayAsync("kept");
        await Expect(ada.Pending).ToHaveCountAsync(0);
        await Programs.RunServerAsync(other.Path, "backup", backup, "--Storage:DataFolder", data.Path);
        await ada.SayAsync("lost");
        await Expect(ada.Pending).ToHaveCountAsync(0);
        await ada.Button("More").ClickAsync();
        await ada.Button("Hide").ClickAsync();
        await Expect(ada.Page.GetByText("No conversations yet")).ToBeVisibleAsync();
        await ada.Line.CutAsync();
        await RestoreAsync(server, data.Path, other.Path, backup);

        ada.Line.Mend();

        await Expect(ada.Page.Locator(".conversation")).ToHaveCountAsync(1);
        await ada.OpenAsync(grace.Name);
        await Expect(ada.Said).ToHaveTextAsync(["kept"]);
    }

    private static async Task RestoreAsync(RestartableServer server, string data, string other, string backup)
    {
        await server.KillAsync();
        foreach (var file in Directory.GetFiles(data))
        {
            File.Delete(file);
        }

        await Programs.RunServerAsync(other, "restore", backup, "--Storage:DataFolder", data);
        await server.StartAsync();
    }

    private static string Line(string who, int number) => string.Create(CultureInfo.InvariantCulture, $"{who} {number}");

    private static async Task<string[]> HistoryAsync(Visitor visitor, Uri url)
    {
        using var http = new HttpClient { BaseAddress = url };
        var session = await visitor.Page.EvaluateAsync<string>("() => JSON.parse(localStorage.getItem('chasqui.session')).token");
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session);
        var conversation = new Uri(visitor.Page.Url).Fragment[3..];
        var messages = await (await http.GetAsync($"/api/conversations/{conversation}/messages?after=0&limit=200")).ReadAsync(200);
        return [.. messages.AsArray().Select(message => message!.Text("content"))];
    }
}
