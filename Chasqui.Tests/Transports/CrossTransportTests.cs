using System.Text.Json;
using System.Text.Json.Nodes;
using Chasqui.Protocol.Json;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Transports;

public abstract class CrossTransportTests(TestServer server)
{
    [Fact]
    public async Task MessageOfAnyTransportReachesEveryJoinedClientOnceWithSameValues()
    {
        await using var room = await Room.OpenAsync(server);
        foreach (var (who, say) in room.TransportNames)
        {
            var content = $"{who.Name} says: é😀 \"\\\n";
            await say(content);

            var received = await room.ReceiveEverywhereAsync();

            var history = (await who.GetAsync($"/api/conversations/{room.Id}/messages?limit=1"))[0]!;
            Assert.Equal(content, history["content"]!.GetValue<string>());
            Assert.Equal(who.Id, history["sender_id"]!.GetValue<string>());
            Assert.Equal(Enumerable.Repeat(history.ToJsonString(), 4), received);
        }

        await room.AssertNothingMoreAsync();
    }

    [Fact]
    public async Task ConcurrentMessagesOfAllTransportsReachAllInHistoryOrder()
    {
        const int Each = 30;
        await using var room = await Room.OpenAsync(server);

        var saying = Task.WhenAll(room.TransportNames.Select(async transport =>
        {
            for (var i = 0; i < Each; i++)
            {
                await transport.Say($"{transport.Who.Name} {i}");
            }
        }));
        var seen = new List<string[]>();
        for (var i = 0; i < Each * room.TransportNames.Length; i++)
        {
            seen.Add(await room.ReceiveEverywhereAsync());
        }

        await saying;
        await room.AssertNothingMoreAsync();
        var history = (await room.TransportNames[0].Who.GetAsync($"/api/conversations/{room.Id}/messages?after=0&limit=200"))
            .AsArray().Select(said => said!).ToArray();
        Assert.Equal(Enumerable.Range(1, history.Length).Select(seq => (long)seq), history.Select(said => said["seq"]!.GetValue<long>()));
        Assert.All(seen, (received, i) => Assert.Equal(Enumerable.Repeat(history[i].ToJsonString(), 4), received));
        foreach (var (who, _) in room.TransportNames)
        {
            var own = history.Where(said => said["sender_id"]!.GetValue<string>() == who.Id).Select(said => said["content"]!.GetValue<string>());
            Assert.Equal(Enumerable.Range(0, Each).Select(i => $"{who.Name} {i}"), own.Where(content => content != Room.End));
        }
    }

    /// <summary>Two raw clients and two SignalR clients that joined, and a REST client.</summary>
    private sealed class Room : IAsyncDisposable
    {
        public const string End = "end";

        private readonly RawClient[] _raw;
        private readonly HubClient[] _hub;

        private Room(string id, Person[] people, RawClient[] raw, HubClient[] hub)
        {
            (Id, _raw, _hub) = (id, raw, hub);
            TransportNames =
            [
                (people[0], SayRaw(raw[0])), (people[1], SayRaw(raw[1])),
                (people[2], content => hub[0].SendAsync(id, content)), (people[3], content => hub[1].SendAsync(id, content)),
                (people[4], content => people[4].SendAsync(id, content)),
            ];

            Func<string, Task> SayRaw(RawClient client) =>
                content => client.SendAsync(new { type = "message", conversation_id = id, content });
        }

        public string Id { get; }

        public (Person Who, Func<string, Task> Say)[] TransportNames { get; }

        public static async Task<Room> OpenAsync(TestServer server)
        {
            var people = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => server.PersonAsync()));
            var id = await people[0].OpenGroupAsync(people[1..]);
            var raw = await Task.WhenAll(people[..2].Select(person => person.ConnectAsync()));
            var hub = await Task.WhenAll(people[2..4].Select(person => HubClient.ConnectAsync(server, person.Token)));
            await Task.WhenAll([.. raw.Select(client => client.JoinAsync(id)), .. hub.Select(client => client.JoinAsync(id))]);
            return new Room(id, people, raw, hub);
        }

        /// <summary>The next message of each of the four, as the JSON of the message.</summary>
        public Task<string[]> ReceiveEverywhereAsync() => Task.WhenAll([
            .. _raw.Select(async client => (await client.ReceiveAsync("NewMessage"))["message"]!.ToJsonString()),
            .. _hub.Select(async client => JsonNode.Parse(
                JsonSerializer.Serialize(await client.ReceiveAsync(), ChatJson.Options))!.ToJsonString()),
        ]);

        /// <summary>A repeated message would come before this one.</summary>
        public async Task AssertNothingMoreAsync()
        {
            await TransportNames[^1].Say(End);
            Assert.All(await ReceiveEverywhereAsync(), said => Assert.Contains("\"content\":\"end\"", said, StringComparison.Ordinal));
        }

        public async ValueTask DisposeAsync()
        {
            foreach (IAsyncDisposable client in (IAsyncDisposable[])[.. _raw, .. _hub])
            {
                await client.DisposeAsync();
            }

            foreach (var (who, _) in TransportNames)
            {
                who.Dispose();
            }
        }
    }
}

public sealed class SqliteCrossTransportTests(TestServer server) : CrossTransportTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresCrossTransportTests(PostgresServer server) : CrossTransportTests(server), IClassFixture<PostgresServer>;
