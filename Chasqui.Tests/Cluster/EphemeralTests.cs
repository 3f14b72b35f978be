using System.Diagnostics;
using Chasqui.Protocol;
using Chasqui.Tests.Presence;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Cluster;

/// <summary>Typing and presence between two servers.</summary>
[PostgresTests]
public sealed class EphemeralTests
{
    private static readonly TimeSpan KilledServerTimeout = TimeSpan.FromSeconds(30);

    [Fact, Needs(Redis.Program)]
    public async Task TypingReachesOtherServersAndEndsThere()
    {
        await using var servers = await TwoServers.StartAsync();
        var (ada, bob, group) = await servers.MeetAsync();
        await using var typist = await ada.OptInAsync(group);
        await using var reader = await bob.OptInAsync(group);
        await LinkedAsync(bob, ada);
        await using var own = await ada.On(servers.Second).OptInAsync(group);
        await typist.TypeAsync(group);
        await reader.RequireTypingAsync(ada, active: true);

        await ada.On(servers.Second).SendAsync(group, "over the other server");
        await reader.ReceiveAsync("NewMessage");
        await reader.RequireTypingAsync(ada, active: false);

        var other = await ada.OptInAsync(group);
        await other.TypeAsync(group);
        await reader.RequireTypingAsync(ada, active: true);
        await other.DisposeAsync();
        await reader.RequireTypingAsync(ada, active: false);
        await own.ReceiveAsync("NewMessage");
        await own.PingAsync();
    }

    [Fact, Needs(Redis.Program)]
    public async Task BlockedMemberOnOtherServerSeesNothingOfTheBlocker()
    {
        await using var servers = await TwoServers.StartAsync();
        var (ada, bob, group) = await servers.MeetAsync();
        using var eve = await servers.Second.PersonAsync();
        await (await ada.PostAsync($"/api/conversations/{group}/participants", new { identifier = eve.Id })).ReadAsync(200);
        await (await ada.Http.PutAsync("/api/blocks/" + eve.Id, null)).ReadAsync(200);
        await using var typist = await ada.OptInAsync(group);
        await using var blocked = await eve.OptInAsync(group);
        await using var reader = await bob.OptInAsync(group);

        await LinkedAsync(bob, ada);
        await typist.TypeAsync(group);

        await reader.RequireTypingAsync(ada, active: true);
        await blocked.PingAsync();
        Assert.Equal("offline", (await eve.GetAsync("/api/presence?users=" + ada.Id))[0]!.Text("status"));
    }

    [Fact, Needs(Redis.Program), FullTier]
    public async Task PresenceIsThatOfAllServers()
    {
        await using var servers = await TwoServers.StartAsync();
        var (ada, bob, _) = await servers.MeetAsync();
        await using var witness = await ada.OptInAsync();
        var elsewhere = await bob.OptInAsync();
        // He was online when they met: there may be nothing to tell.
        await LinkedAsync(ada, bob);

        // Online wins, on whichever server.
        var here = await bob.On(servers.First).OptInAsync();
        await elsewhere.SetPresenceAsync("away");
        await here.SetPresenceAsync("away");
        await UntilAsync(witness, bob, "away");
        await elsewhere.SetPresenceAsync("online");
        await UntilAsync(witness, bob, "online");

        await elsewhere.DisposeAsync();
        await UntilAsync(witness, bob, "away");
        await here.DisposeAsync();
        var gone = await UntilAsync(witness, bob, "offline");
        Rest.IsTime(gone!);
        Assert.Equal(gone, (await ada.On(servers.Second).GetAsync("/api/presence?users=" + bob.Id))[0]!.Text("last_seen_at"));
    }

    [Fact, Needs(Redis.Program), FullTier]
    public async Task UsersOfKilledServerAreOfflineWithinThirtySeconds()
    {
        await using var servers = await TwoServers.StartAsync();
        var (ada, bob, _) = await servers.MeetAsync();
        await using var process = ServerProcess.Start(
            Path.GetTempPath(), environment: null, ["--urls", "http://127.0.0.1:0", .. servers.Settings]);
        var address = new Uri(await process.UrlAsync());
        await using var witness = await ada.OptInAsync();
        // Her own server sees him only after the grace of the meeting.
        await using var socket = await RawClient.ConnectAsync(address, bob.Token, CancellationToken.None);
        await socket.SetPresenceAsync("away");
        await UntilAsync(witness, bob, "away");

        var time = Stopwatch.StartNew();
        await process.KillAsync();

        using var deadline = new CancellationTokenSource(KilledServerTimeout);
        while (await StatusAsync(ada, bob) != "offline")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), deadline.Token);
        }

        await UntilAsync(witness, bob, "offline");
        Assert.InRange(time.Elapsed, TimeSpan.FromSeconds(10), KilledServerTimeout);
    }

    [Fact, Needs(Redis.Program), FullTier]
    public async Task EphemeralEventsStayLocalWithoutRedisAndCrossAgain()
    {
        await using var servers = await TwoServers.StartAsync();
        var (ada, bob, group) = await servers.MeetAsync();
        using var eve = await servers.First.PersonAsync();
        await (await ada.PostAsync($"/api/conversations/{group}/participants", new { identifier = eve.Id })).ReadAsync(200);
        await using var typist = await ada.OptInAsync(group);
        await using var local = await eve.OptInAsync(group);
        await using var remote = await bob.OptInAsync(group);
        await LinkedAsync(bob, ada);

        await servers.Redis.KillAsync();
        await typist.TypeAsync(group);
        await local.RequireTypingAsync(ada, active: true);
        await ada.SendAsync(group, "durable");
        // After the event that added her.
        await remote.RequireAsync(2, 2);
        using var late = await servers.First.PersonAsync();
        await late.OpenAsync("direct", [bob.Id]);
        await using var connected = await late.OptInAsync();
        Assert.Equal("offline", await StatusAsync(bob, late));

        await servers.Redis.StartAsync();
        await LinkedAsync(bob, late);
        await using var again = await ada.OptInAsync(group);
        await again.TypeAsync(group);
        await TypingAsync(remote, ada);
    }

    [Fact, Needs(Redis.Program), FullTier]
    public async Task ServersThatStartWithoutRedisAreLinkedWhenItStarts()
    {
        await using var servers = await TwoServers.StartAsync(startRedis: false);
        var (ada, bob, cleo) =
            (await servers.First.PersonAsync(), await servers.Second.PersonAsync(), await servers.First.PersonAsync());
        var group = await ada.OpenGroupAsync(bob, cleo);
        await using var typist = await ada.OptInAsync(group);
        await using var local = await bob.On(servers.First).OptInAsync(group);
        await using var remote = await bob.OptInAsync(group);
        await typist.TypeAsync(group);
        await local.RequireTypingAsync(ada, active: true);

        await servers.Redis.StartAsync();
        await LinkedAsync(cleo.On(servers.Second), ada);
        await using var again = await ada.OptInAsync(group);
        await again.TypeAsync(group);
        await TypingAsync(remote, ada);
    }

    /// <summary>Waits until the server of one person knows of another's connection to the other server.</summary>
    private static async Task LinkedAsync(Person asking, Person asked)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        while (await StatusAsync(asking, asked) != "online")
        {
            deadline.Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Reads until a user types; what came of the messages before is skipped.</summary>
    private static async Task TypingAsync(RawClient reader, Person who)
    {
        var read = await reader.ReceiveAsync();
        while (read.Text("type") != nameof(Typing) || !read["active"]!.GetValue<bool>())
        {
            read = await reader.ReceiveAsync();
        }

        Assert.Equal(who.Id, read.Text("user_id"));
    }

    /// <summary>Reads until a user has this status, and gives when the user was last seen.</summary>
    private static async Task<string?> UntilAsync(RawClient witness, Person who, string status)
    {
        witness.TakesPresence = true;
        while (true)
        {
            var changed = await witness.ReceiveAsync();
            if (changed.Text("type") == nameof(PresenceChanged) && (changed.Text("user_id"), changed.Text("status")) == (who.Id, status))
            {
                return changed["last_seen_at"]?.GetValue<string>();
            }
        }
    }

    private static async Task<string> StatusAsync(Person asking, Person asked) =>
        (await asking.GetAsync("/api/presence?users=" + asked.Id))[0]!.Text("status");
}
