using System.Globalization;
using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Chasqui.Tests.Page;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace Chasqui.Tests.Examples;

/// <summary>
/// The examples of <c>docs/clients.md</c>, as a client's author starts them: each shows what was said before it came, sends, hears, and
/// finds back when the server is started again or has ended its token, with everything that was said meanwhile. Each gives up after a
/// final close code and says why.
/// </summary>
public sealed class ExampleTests : IAsyncLifetime
{
    private const float BrowserDeadlineMs = 60_000;

    private static readonly string Folder = Path.Combine(Repository.Root, "examples");

    private readonly TestServer _server = new();
    private readonly TemporaryFolder _folder = new();
    private readonly string _url = "http://127.0.0.1:" + FreePorts.Next().ToString(CultureInfo.InvariantCulture);
    private Person _ada = null!;
    private Person _grace = null!;
    private string _talk = "";

    public async ValueTask InitializeAsync()
    {
        await StartAsync();
        (_ada, _grace) = (await _server.PersonAsync(), await _server.PersonAsync());
        _talk = (await _grace.OpenAsync("direct", [_ada.Id])).Text("id");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact, Needs(Need.PythonWebSockets), FullTier]
    public async Task RawInPython()
    {
        await TalkAsync(() => Start(Need.Python, Folder, Path.Combine(Folder, "raw-python", "chat.py")));
    }

    [Fact]
    public async Task SignalRInCSharp()
    {
        // It was built as these tests were.
        var built = Path.GetRelativePath(Path.Combine(Repository.Root, "Chasqui.Tests"), AppContext.BaseDirectory);
        await TalkAsync(() => Start("dotnet", Folder, Path.Combine(Folder, "signalr-csharp", built, "SignalRChat.dll")));
    }

    [Fact, Needs("node", "npm"), FullTier]
    public async Task SignalRInJavaScript()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Folder, "signalr-javascript")))
        {
            File.Copy(file, Path.Combine(_folder.Path, Path.GetFileName(file)));
        }

        var installed = await Programs.RunAsync("npm", _folder.Path, ["install", "--no-audit", "--no-fund", "--no-update-notifier"]);
        Assert.True(installed.ExitCode == 0, installed.Errors);

        await TalkAsync(() => Start("node", _folder.Path, "chat.js"));
    }

    [Fact, Needs(Browser.Program), FullTier]
    public async Task RawInABrowser()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await Browser.LaunchAsync(playwright);
        var page = await browser.NewPageAsync();
        page.SetDefaultTimeout(BrowserDeadlineMs);
        Assertions.SetDefaultExpectTimeout(BrowserDeadlineMs);
        await using var elsewhere = await ServeAsync("raw-browser", "chat.html");
        var said = page.Locator("#said > li");
        await SayAsync("Are you there?");

        await page.GotoAsync($"{elsewhere.Urls.Single().Replace("127.0.0.1", "localhost", StringComparison.Ordinal)}/chat.html?server={_url}");
        await EnterAsync();
        await Assertions.Expect(said).ToHaveTextAsync(["Are you there?"]);
        await page.FillAsync("[name=content]", "<b>Yes</b>");
        await page.ClickAsync("#say button");
        await Assertions.Expect(said).ToHaveTextAsync(["Are you there?", "<b>Yes</b>"]);
        await RestartAsync();
        await SayAsync("Where were you?");
        await Assertions.Expect(said).ToHaveTextAsync(["Are you there?", "<b>Yes</b>", "Where were you?"]);
        await EndTokensAsync();
        await Assertions.Expect(page.Locator("#who")).ToBeVisibleAsync();

        await EnterAsync();
        await page.EvaluateAsync("() => document.querySelector('[name=content]').value = 'x'.repeat(200_000)");
        await page.ClickAsync("#say button");
        await Assertions.Expect(said.Last).ToHaveTextAsync("The server closed the connection: the frame is too large.");
        await Assertions.Expect(page.Locator("#say")).ToBeHiddenAsync();

        async Task EnterAsync()
        {
            await page.FillAsync("[name=username]", _ada.Name);
            await page.FillAsync("[name=password]", Person.Password);
            await page.FillAsync("[name=them]", _grace.Name);
            await page.ClickAsync("#who button");
            await Assertions.Expect(said.First).ToHaveTextAsync("Are you there?");
        }
    }

    /// <summary>A web server of the author's own, at another origin than the chat.</summary>
    private static async Task<WebApplication> ServeAsync(string folder, string file)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/" + file, () => TypedResults.PhysicalFile(Path.Combine(Folder, folder, file), "text/html"));
        await app.StartAsync();
        return app;
    }

    private Talker Start(string program, string folder, params string[] arguments) =>
        Talker.Start(_url, program, folder, [.. arguments, _ada.Name, Person.Password, _grace.Name]);

    private async Task TalkAsync(Func<Talker> start)
    {
        await using var ada = start();
        await using var grace = await _grace.ConnectAsync();
        await grace.JoinAsync(_talk);
        await SayAsync("Are you there?");
        await grace.ReceiveAsync("NewMessage");
        await ada.ReadsAsync($"{_grace.Name}: Are you there?");

        await ada.TypeAsync("Yes 👋");
        await ada.ReadsAsync($"{_ada.Name}: Yes 👋");
        Assert.Equal("Yes 👋", (await grace.ReceiveAsync("NewMessage"))["message"]!.Text("content"));

        await RestartAsync(grace);
        await SayAsync("Where were you?");
        await ada.ReadsAsync($"{_grace.Name}: Where were you?");
        await ada.TypeAsync("Away");
        await ada.ReadsAsync($"{_ada.Name}: Away");

        await EndTokensAsync();
        await SayAsync("Who are you?");
        await ada.ReadsAsync($"{_grace.Name}: Who are you?");
        await ada.TypeAsync("Still me");
        await ada.ReadsAsync($"{_ada.Name}: Still me");
        await ada.EndAsync();

        await using var wordy = start();
        await wordy.ReadsAsync($"{_grace.Name}: Are you there?");
        await wordy.TypeAsync(new string('x', ChatLimits.MaxFrameBytes));
        await wordy.GivesUpAsync();

        await using var again = start();
        await again.ReadsAsync($"{_grace.Name}: Are you there?");
        var disabled = await Programs.RunServerAsync(_server.DataFolder, "users", "disable", _ada.Name, "--Storage:DataFolder", _server.DataFolder);
        Assert.Equal(0, disabled.ExitCode);
        await again.GivesUpAsync();
    }

    /// <summary>Ends the tokens and returns when the server has closed the connections that were opened with them.</summary>
    private async Task EndTokensAsync()
    {
        Assert.True(PrefixedId.TryParse<UserId>(_ada.Id, out var ada));
        var connections = _server.Services.GetRequiredService<ConnectionRegistry>();
        var opened = connections.Of(ada);
        await (await _ada.PostAsync("/api/logout/all", new { })).ReadAsync(200);
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        while (connections.Of(ada).Any(opened.Contains))
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private async Task SayAsync(string content) => await _grace.SendAsync(_talk, content);

    private async Task RestartAsync(RawClient? witness = null)
    {
        var stopped = _server.StopAsync();
        if (witness is not null)
        {
            await witness.ReceiveCloseAsync();
            await witness.CloseAsync();
        }

        await stopped;
        await StartAsync();
    }

    private Task StartAsync() => _server.StartAsync("--urls", _url);
}
