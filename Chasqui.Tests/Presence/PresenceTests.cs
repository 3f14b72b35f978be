using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Presence;

public abstract class PresenceTests(Store store) : IAsyncLifetime
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly TestClock _clock = new();
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = new TestServer { Store = store, Clock = _clock };
        if (_server.CanStart)
        {
            await _server.StartAsync();
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task PeopleWhoShareAConversationSeeWhoComes()
    {
        using var ana = await _server.PersonAsync();
        using var ben = await _server.PersonAsync();
        using var cleo = await _server.PersonAsync();
        using var eve = await _server.PersonAsync();
        await ana.OpenAsync("direct", [ben.Id]);
        await cleo.OpenGroupAsync(ana, eve);
        await using var direct = await ben.OptInAsync();
        await using var hub = await HubClient.ConnectAsync(_server, cleo.Token);
        await using var old = await cleo.ConnectAsync();
        await using var stranger = await eve.OptInAsync();
        _clock.Tick();
        // Cleo and Eve know each other: what was before has been told.
        await stranger.RequirePresenceAsync(cleo, "online");

        // A connection that gets no events itself.
        await using var comes = await ana.ConnectAsync();
        await comes.PingAsync();
        _clock.Tick();

        await direct.RequirePresenceAsync(ana, "online");
        await stranger.RequirePresenceAsync(ana, "online");
        var seen = await hub.ReceivePresenceAsync();
        while (seen.UserId.ToString() != ana.Id)
        {
            seen = await hub.ReceivePresenceAsync();
        }

        Assert.Equal(PresenceStatuses.Online, seen.Status);
        old.TakesPresence = true;
        await old.PingAsync();
    }

    [Fact]
    public async Task PresenceIsNotToldToStrangersAndLargeGroups()
    {
        using var ana = await _server.PersonAsync();
        using var ben = await _server.PersonAsync();
        using var cleo = await _server.PersonAsync();
        var others = new List<Person>();
        while (others.Count < 98)
        {
            others.Add(await _server.PersonAsync());
        }

        var group = await ana.OpenGroupAsync([ben, .. others]);
        await using var witness = await ben.OptInAsync();
        await using var comes = await ana.OptInAsync();
        _clock.Tick();
        // 100 members.
        await witness.RequirePresenceAsync(ana, "online");

        await (await ana.PostAsync($"/api/conversations/{group}/participants", new { identifier = cleo.Id })).ReadAsync(200);
        await comes.SetPresenceAsync("away");
        await comes.ReceiveAsync("ConversationUpdated");
        await comes.PingAsync();
        _clock.Tick();
        Assert.Equal("offline", (await StatusAsync(ben, ana)).Text("status"));
        await cleo.OpenAsync("direct", [ben.Id]);
        await using var known = await cleo.OptInAsync();
        _clock.Tick();

        // The next that he is told of.
        await witness.RequirePresenceAsync(cleo, "online");
    }

    [Fact]
    public async Task OfflineIsToldTenSecondsAfterTheLastConnectionEnded()
    {
        var (ana, ben, cleo) = await MeetAsync();
        await using var witness = await ana.OptInAsync();
        await using var other = await cleo.OptInAsync();
        var first = await ben.OptInAsync();
        var second = await ben.OptInAsync();
        await ComeAsync(witness, cleo, ben);
        await first.DisposeAsync();
        await second.DisposeAsync();
        await _server.UntilGoneAsync(ben);
        var left = _clock.GetUtcNow();

        _clock.Advance(9.5 * Second);
        await other.SetPresenceAsync("away");
        await other.PingAsync();
        _clock.Tick();
        await witness.RequirePresenceAsync(cleo, "away");
        Assert.Equal("online", (await StatusAsync(ana, ben)).Text("status"));
        _clock.Tick();

        var gone = await witness.RequirePresenceAsync(ben, "offline");
        var lastSeen = Rest.IsTime(gone.Text("last_seen_at"));
        Assert.InRange(lastSeen, left - TimeSpan.FromMilliseconds(1), left);
        Assert.Equal(gone.Text("last_seen_at"), (await StatusAsync(ana, ben)).Text("last_seen_at"));
    }

    [Fact]
    public async Task ReconnectWithinTenSecondsIsNotSeen()
    {
        var (ana, ben, cleo) = await MeetAsync();
        await using var witness = await ana.OptInAsync();
        await using var other = await cleo.OptInAsync();
        var before = await ben.OptInAsync();
        await ComeAsync(witness, cleo, ben);
        await before.DisposeAsync();
        await _server.UntilGoneAsync(ben);
        _clock.Advance(9 * Second);
        await using var after = await ben.OptInAsync();

        _clock.Advance(11 * Second);
        await other.SetPresenceAsync("away");
        await other.PingAsync();
        _clock.Tick();

        await witness.RequirePresenceAsync(cleo, "away");
    }

    [Fact]
    public async Task UserIsAwayWhenAllConnectionsAre()
    {
        var (ana, ben, cleo) = await MeetAsync();
        await using var witness = await ana.OptInAsync();
        await using var other = await cleo.OptInAsync();
        await using var phone = await ben.OptInAsync();
        await using var desktop = await HubClient.ConnectAsync(_server, ben.Token);
        // The handshake is answered before the hub knows of the connection.
        await desktop.InvokeAsync(nameof(IChatHub.SetPresence), new SetPresence { Status = PresenceStatuses.Online });
        await ComeAsync(witness, cleo, ben);

        await phone.SetPresenceAsync("away");
        await phone.PingAsync();
        await other.SetPresenceAsync("away");
        await other.PingAsync();
        _clock.Tick();
        await witness.RequirePresenceAsync(cleo, "away");
        await desktop.InvokeAsync(nameof(IChatHub.SetPresence), new SetPresence { Status = PresenceStatuses.Away });
        _clock.Tick();
        await witness.RequirePresenceAsync(ben, "away");

        var refused = await desktop.RefusalAsync(nameof(IChatHub.SetPresence), new SetPresence { Status = "offline" });
        Assert.Equal(ErrorCodes.InvalidField, refused.Code);
        await phone.SetPresenceAsync("online");
        await phone.PingAsync();
        _clock.Tick();
        await witness.RequirePresenceAsync(ben, "online");
    }

    [Fact]
    public async Task ChangesAreCoalescedByUser()
    {
        var (ana, ben, cleo) = await MeetAsync();
        await using var witness = await ana.OptInAsync();
        await using var other = await cleo.OptInAsync();
        await using var restless = await ben.OptInAsync();
        await ComeAsync(witness, cleo, ben);

        for (var i = 0; i < 20; i++)
        {
            await restless.SetPresenceAsync("away");
            await restless.SetPresenceAsync("online");
        }

        await restless.PingAsync();
        await other.SetPresenceAsync("away");
        await other.PingAsync();
        _clock.Tick();

        await witness.RequirePresenceAsync(cleo, "away");
    }

    [Fact]
    public async Task BlockedUserSeesNoPresenceOfTheBlocker()
    {
        var (ana, ben, cleo) = await MeetAsync();
        await (await ben.Http.PutAsync("/api/blocks/" + ana.Id, null)).ReadAsync(200);
        await using var blocked = await ana.OptInAsync();
        await using var blocker = await ben.OptInAsync();
        await using var other = await cleo.OptInAsync();
        _clock.Tick();

        await blocked.RequirePresenceAsync(cleo, "online");
        await blocker.RequirePresenceAsync(ana, "online");
        Assert.Equal(["user_id", "status"], (await StatusAsync(ana, ben)).Fields());
        Assert.Equal("offline", (await StatusAsync(ana, ben)).Text("status"));
        Assert.Equal("online", (await StatusAsync(ben, ana)).Text("status"));
    }

    [Fact]
    public async Task PresenceOfUsersIsAnsweredInOrder()
    {
        var (ana, ben, cleo) = await MeetAsync();
        using var stranger = await _server.PersonAsync();
        await using var away = await ben.OptInAsync();
        await away.SetPresenceAsync("away");
        await away.PingAsync();
        await using var unknown = await stranger.OptInAsync();
        await using var self = await ana.OptInAsync();
        var nobody = $"user:{Guid.NewGuid()}";

        var answer = (await ana.GetAsync($"/api/presence?users={cleo.Id},{ben.Id["user:".Length..]},{stranger.Id},{nobody},{ana.Id}")).AsArray();

        Assert.Equal(
            [(cleo.Id, "offline"), (ben.Id, "away"), (stranger.Id, "offline"), (nobody, "offline"), (ana.Id, "online")],
            answer.Select(each => (each!.Text("user_id"), each!.Text("status"))));
        // Of her login.
        Rest.IsTime(answer[0]!.Text("last_seen_at"));
        Assert.All(answer.Skip(1), each => Assert.Equal(["user_id", "status"], each!.Fields()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?users=")]
    [InlineData("?users=ana")]
    [InlineData("?users=0199b1e4-6c00-7d3a-8f21-3c5a9e7b1d02,")]
    public async Task PresenceOfNoUserIsRefused(string query)
    {
        using var ana = await _server.PersonAsync();

        await (await ana.Http.GetAsync("/api/presence" + query)).ReadProblemAsync(400, ErrorCodes.InvalidField);
    }

    [Fact]
    public async Task HundredUsersMayBeAskedFor()
    {
        using var ana = await _server.PersonAsync();
        var users = Enumerable.Range(0, 101).Select(_ => $"user:{Guid.NewGuid()}").ToArray();

        Assert.Equal(100, (await ana.GetAsync("/api/presence?users=" + string.Join(',', users[1..]))).AsArray().Count);
        await (await ana.Http.GetAsync("/api/presence?users=" + string.Join(',', users))).ReadProblemAsync(400, ErrorCodes.InvalidField);
    }

    /// <summary>Three people who share a group.</summary>
    private async Task<(Person Ana, Person Ben, Person Cleo)> MeetAsync()
    {
        var (ana, ben, cleo) = (await _server.PersonAsync(), await _server.PersonAsync(), await _server.PersonAsync());
        await ana.OpenGroupAsync(ben, cleo);
        return (ana, ben, cleo);
    }

    /// <summary>Lets the server tell of those who have connected, in this order.</summary>
    private async Task ComeAsync(RawClient witness, params Person[] people)
    {
        _clock.Tick();
        foreach (var person in people)
        {
            await witness.RequirePresenceAsync(person, "online");
        }
    }

    private static async Task<JsonNode> StatusAsync(Person asking, Person asked) =>
        (await asking.GetAsync("/api/presence?users=" + asked.Id))[0]!;
}

public sealed class SqlitePresenceTests() : PresenceTests(Store.Sqlite);

[PostgresTests]
public sealed class PostgresPresenceTests() : PresenceTests(Store.Postgres);
