using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Presence;

public abstract class TypingTests(Store store) : IAsyncLifetime
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
    public async Task TypingReachesJoinedConnectionsOfOthersOnEveryTransport()
    {
        var (ana, ben, group) = await MeetAsync();
        await using var typist = await ana.OptInAsync(group);
        await using var own = await ana.OptInAsync(group);
        await using var raw = await ben.OptInAsync(group);
        await using var hub = await HubClient.ConnectAsync(_server, ben.Token);
        await hub.JoinAsync(group);
        await using var notJoined = await ben.OptInAsync();
        await using var old = await ben.ConnectAsync();
        await old.JoinAsync(group);

        await typist.TypeAsync(group);

        await raw.RequireTypingAsync(ana, active: true);
        Assert.Equal((ana.Id, true), await TypingAsync(hub));
        await hub.InvokeAsync(nameof(IChatHub.SetTyping), new SetTyping { ConversationId = Id(group), Active = true });
        await typist.RequireTypingAsync(ben, active: true);
        await own.RequireTypingAsync(ben, active: true);
        await raw.PingAsync();
        await notJoined.PingAsync();
        await old.PingAsync();
    }

    [Fact]
    public async Task OneChangePerSecondIsPassedOn()
    {
        var (ana, ben, group) = await MeetAsync();
        await using var typist = await ana.OptInAsync(group);
        await using var reader = await ben.OptInAsync(group);

        await typist.TypeAsync(group);
        await typist.TypeAsync(group);
        await reader.RequireTypingAsync(ana, active: true);
        await reader.PingAsync();

        _clock.Advance(Second);
        await typist.TypeAsync(group);
        await reader.RequireTypingAsync(ana, active: true);
    }

    [Fact]
    public async Task DroppedEndOfTypingTakesEffectASecondLater()
    {
        var (ana, ben, group) = await MeetAsync();
        await using var typist = await ana.OptInAsync(group);
        await using var reader = await ben.OptInAsync(group);

        await typist.TypeAsync(group);
        await typist.TypeAsync(group, active: false);
        await reader.RequireTypingAsync(ana, active: true);
        await reader.PingAsync();

        _clock.Advance(Second);
        await reader.RequireTypingAsync(ana, active: false);
    }

    [Fact]
    public async Task TypingEndsAfterSixSecondsWithoutRepetition()
    {
        var (ana, ben, group) = await MeetAsync();
        await using var typist = await ana.OptInAsync(group);
        await using var reader = await ben.OptInAsync(group);
        await typist.TypeAsync(group);
        await reader.RequireTypingAsync(ana, active: true);
        _clock.Advance(4 * Second);
        await typist.TypeAsync(group);
        await reader.RequireTypingAsync(ana, active: true);

        _clock.Advance(5 * Second);
        await reader.PingAsync();
        _clock.Advance(Second);

        await reader.RequireTypingAsync(ana, active: false);
    }

    [Fact]
    public async Task TypingEndsWithMessageOnAnyTransport()
    {
        var (ana, ben, group) = await MeetAsync();
        await using var typist = await ana.OptInAsync(group);
        await using var reader = await ben.OptInAsync(group);
        await typist.TypeAsync(group);
        await reader.RequireTypingAsync(ana, active: true);

        await ana.SendAsync(group, "over REST");

        await reader.ReceiveAsync("NewMessage");
        await reader.RequireTypingAsync(ana, active: false);
    }

    [Fact]
    public async Task TypingEndsWithItsConnectionOnly()
    {
        var (ana, ben, group) = await MeetAsync();
        var typist = await ana.OptInAsync(group);
        var other = await ana.OptInAsync(group);
        await using var reader = await ben.OptInAsync(group);
        await typist.TypeAsync(group);
        await reader.RequireTypingAsync(ana, active: true);

        await other.SendAsync(new { type = "leave", conversation_id = group, request_id = "l" });
        await other.ReceiveAsync("Ack");
        await other.DisposeAsync();
        await reader.PingAsync();
        await typist.DisposeAsync();

        await reader.RequireTypingAsync(ana, active: false);
    }

    [Fact]
    public async Task TypingEndsWhenItsConnectionLeaves()
    {
        var (ana, ben, group) = await MeetAsync();
        await using var typist = await ana.OptInAsync(group);
        await using var reader = await ben.OptInAsync(group);
        await typist.TypeAsync(group);
        await reader.RequireTypingAsync(ana, active: true);

        await typist.SendAsync(new { type = "leave", conversation_id = group });

        await reader.RequireTypingAsync(ana, active: false);
    }

    [Fact]
    public async Task BlockedMemberSeesNoTypingOfTheBlocker()
    {
        var (ana, ben, group) = await MeetAsync();
        await (await ana.Http.PutAsync("/api/blocks/" + ben.Id, null)).ReadAsync(200);
        await using var typist = await ana.OptInAsync(group);
        await using var blocked = await ben.OptInAsync(group);

        await typist.TypeAsync(group);
        await typist.SendAsync(new { type = "leave", conversation_id = group, request_id = "l" });
        await typist.ReceiveAsync("Ack");
        await blocked.PingAsync();

        // The other way round it is seen.
        await typist.JoinAsync(group);
        await blocked.TypeAsync(group);
        await typist.RequireTypingAsync(ben, active: true);
    }

    [Fact]
    public async Task OutsiderMayNotType()
    {
        var (ana, ben, group) = await MeetAsync();
        using var eve = await _server.PersonAsync();
        await using var reader = await ben.OptInAsync(group);
        await using var outsider = await eve.OptInAsync();
        await using var hub = await HubClient.ConnectAsync(_server, eve.Token);

        for (var i = 0; i < 2; i++)
        {
            await outsider.SendAsync(new { type = "typing", conversation_id = group, active = true });
            Assert.Equal(ErrorCodes.ConversationNotFound, (await outsider.ReceiveAsync("Error")).Text("code"));
        }

        var refused = await hub.RefusalAsync(nameof(IChatHub.SetTyping), new SetTyping { ConversationId = Id(group), Active = true });
        Assert.Equal(ErrorCodes.ConversationNotFound, refused.Code);
        await reader.PingAsync();
    }

    [Fact]
    public async Task NothingIsQueuedForSlowReader()
    {
        var (ana, ben, group) = await MeetAsync();
        await using var typist = await ana.OptInAsync(group);
        await using var slow = await RawClient.ConnectAsync(_server, ben.Token, receiveBuffer: 4096);
        await slow.SendAsync(new { type = "hello" });
        await slow.ReceiveAsync("Welcome");
        await slow.JoinAsync(group);
        await using var reader = await ben.OptInAsync(group);
        using var queued = new Observed(_server, ConnectionRegistry.QueuedBytesInstrument);
        var content = new string('x', 10_000);
        await typist.SendAsync(new { type = "leave", conversation_id = group });
        for (var seq = 0; queued.Read() == 0 || seq < 20; seq++)
        {
            await ana.SendAsync(group, content);
            await reader.ReceiveAsync("NewMessage");
        }

        var before = queued.Read();
        for (var i = 0; i < 5; i++)
        {
            await typist.TypeAsync(group);
            await reader.RequireTypingAsync(ana, active: true);
            _clock.Advance(Second);
        }

        Assert.Equal(before, queued.Read());
    }

    private async Task<(Person Ana, Person Ben, string Group)> MeetAsync()
    {
        var (ana, ben) = (await _server.PersonAsync(), await _server.PersonAsync());
        return (ana, ben, await ana.OpenGroupAsync(ben));
    }

    private static async Task<(string, bool)> TypingAsync(HubClient hub)
    {
        var typing = await hub.ReceiveAsync<Typing>();
        return (typing.UserId.ToString(), typing.Active);
    }

    private static ConversationId Id(string conversation) => new(Guid.Parse(conversation["conv:".Length..]));
}

public sealed class SqliteTypingTests() : TypingTests(Store.Sqlite);

[PostgresTests]
public sealed class PostgresTypingTests() : TypingTests(Store.Postgres);
