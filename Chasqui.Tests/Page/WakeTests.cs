using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

/// <summary>After sleep a connection is often dead, and nothing says so.</summary>
[FullTier]
[Collection(BrowserTests.Name)]
public sealed class WakeTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    private const string Hour = "01:00:00";

    /// <summary>Keeps the pings in the page itself: what this side has sent may still be on its way to it.</summary>
    private const string KeepUnanswered = """
        globalThis.unanswered = new Set();
        const { parse, stringify } = JSON;
        JSON.parse = text => {
          const value = parse(text);
          unanswered.delete(value?.request_id);
          return value;
        };
        JSON.stringify = (value, ...rest) => {
          if (value?.type === "ping") {
            unanswered.add(value.request_id);
          }
          return stringify(value, ...rest);
        };
        """;

    [Theory, Needs(Browser.Program)]
    [InlineData("dispatchEvent(new Event('online'))")]
    [InlineData("dispatchEvent(new Event('focus'))")]
    [InlineData("document.dispatchEvent(new Event('visibilitychange'))")]
    [InlineData(Hour)]
    public async Task DeadConnectionIsNoticedWithinTenSeconds(string waking)
    {
        await using var ada = await Visitor.RegisterAsync(browser, server.Url);
        var wire = await Wire.LayAsync(ada.Page);
        await StopClockAsync(ada);

        wire.IsDead = true;
        if (waking == Hour)
        {
            await ada.Page.Clock.FastForwardAsync(Hour);
        }
        else
        {
            await ada.Page.EvaluateAsync(waking);
        }

        // What the connection had received before it died proves nothing.
        wire.Sockets[^1].Send("""{"type":"Pong"}""");
        await ada.Page.EvaluateAsync("() => 0");
        await ada.Page.Clock.RunForAsync(10_000);

        await Expect(ada.Banner).ToContainTextAsync("Connection lost");
        wire.IsDead = false;
        await ada.Page.Clock.ResumeAsync();
        await Expect(ada.Banner).ToBeHiddenAsync();
    }

    [Fact, Needs(Browser.Program)]
    public async Task LiveConnectionOutlastsWaking()
    {
        await using var ada = await Visitor.RegisterAsync(browser, server.Url);
        var wire = await Wire.LayAsync(ada.Page);
        await ada.Page.AddInitScriptAsync(KeepUnanswered);
        await StopClockAsync(ada);
        // Stopping the clock has made the page ask too. Where it was still connecting by then, it has begun anew.
        await AnsweredAsync(ada.Page);
        var connected = wire.Sockets.Count;

        for (var wakings = 0; wakings < 3; wakings++)
        {
            await AnsweredAsync(ada.Page);
            await ada.Page.EvaluateAsync("() => { dispatchEvent(new Event('online')); dispatchEvent(new Event('focus')) }");
            await AnsweredAsync(ada.Page);
            await ada.Page.Clock.RunForAsync(10_000);
        }

        await Expect(ada.Banner).ToBeHiddenAsync();
        Assert.Equal(connected, wire.Sockets.Count);
    }

    private static async Task AnsweredAsync(IPage page)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(Browser.DeadlineMs));
        while (await page.EvaluateAsync<int>("() => unanswered.size") > 0)
        {
            deadline.Token.ThrowIfCancellationRequested();
        }
    }

    private static async Task StopClockAsync(Visitor visitor)
    {
        await visitor.Page.Clock.InstallAsync();
        await visitor.Page.ReloadAsync();
        await Expect(visitor.Page.GetByText("No conversations yet.")).ToBeVisibleAsync();
        await visitor.Page.Clock.PauseAtAsync(DateTime.UtcNow.AddMinutes(1));
        await Expect(visitor.Banner).ToBeHiddenAsync();
    }

    /// <summary>The page's connections, which can die without a word: nothing comes through, and nothing ends.</summary>
    private sealed class Wire
    {
        public bool IsDead { get; set; }

        public List<IWebSocketRoute> Sockets { get; } = [];

        public static async Task<Wire> LayAsync(IPage page)
        {
            var wire = new Wire();
            await page.RouteWebSocketAsync("**/api/ws/chat*", socket =>
            {
                wire.Sockets.Add(socket);
                var server = socket.ConnectToServer();
                socket.OnMessage(sent => wire.Pass(server, sent));
                server.OnMessage(received => wire.Pass(socket, received));
            });
            return wire;
        }

        private void Pass(IWebSocketRoute to, IWebSocketFrame frame)
        {
            if (!IsDead)
            {
                to.Send(frame.Text!);
            }
        }
    }
}
