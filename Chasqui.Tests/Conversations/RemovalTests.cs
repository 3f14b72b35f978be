using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Conversations;

public abstract class RemovalTests(TestServer server)
{
    private const int Rooms = 4;
    private const int RemovalsEach = 250;

    [Fact, FullTier]
    public async Task RemovedMemberReceivesNoMoreMessages() =>
        await Task.WhenAll(Enumerable.Range(0, Rooms).Select(_ => RaceAsync()));

    [Fact, FullTier]
    public async Task RemovalDuringReplayEndsIt()
    {
        using var owner = await server.PersonAsync();
        using var removed = await server.PersonAsync();
        var room = await owner.OpenGroupAsync(removed);
        await using var sender = await owner.ConnectAsync();
        // More than the connection's output and the kernel take, so that the replay waits for its reader.
        const int Count = 900;
        for (var i = 0; i < Count; i++)
        {
            await sender.SendAsync(new { type = "message", conversation_id = room, content = new string('x', 10_000), request_id = "s" });
        }

        for (var i = 0; i < Count; i++)
        {
            await sender.ReceiveAsync("Ack");
        }

        await using var raw = await removed.ConnectAsync(receiveBuffer: 4096);
        await raw.SendAsync(new { type = "join", conversation_id = room, after = 0, request_id = "j" });
        Assert.Equal(1, Seq(await raw.ReceiveAsync("NewMessage")));
        await (await owner.Http.DeleteAsync(Path(room, removed))).ReadAsync(200);

        var replayed = 1;
        var answer = await raw.ReceiveAsync();
        for (; answer["type"]!.GetValue<string>() == "NewMessage"; answer = await raw.ReceiveAsync())
        {
            replayed++;
        }

        Assert.Equal(ErrorCodes.ConversationNotFound, answer["code"]!.GetValue<string>());
        Assert.True(replayed < Count, "Everything was replayed to a removed member");
    }

    [Fact]
    public async Task OnlyTheOwnerAddsAgainWhoHasLeft()
    {
        using var owner = await server.PersonAsync();
        using var bob = await server.PersonAsync();
        using var carol = await server.PersonAsync();
        var room = await owner.OpenGroupAsync(bob, carol);
        await (await carol.Http.DeleteAsync(Path(room, carol))).ReadAsync(200);
        var add = new { identifier = carol.Name };

        await (await bob.PostAsync($"/api/conversations/{room}/participants", add)).ReadProblemAsync(403, ErrorCodes.Forbidden);
        Assert.Empty((await carol.GetAsync("/api/conversations")).AsArray());
        await (await owner.PostAsync($"/api/conversations/{room}/participants", add)).ReadAsync(200);

        Assert.Single((await carol.GetAsync("/api/conversations")).AsArray());
    }

    [Fact]
    public async Task ManyGroupsAreLeftWithOneCall()
    {
        using var owner = await server.PersonAsync();
        using var bob = await server.PersonAsync();
        var rooms = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            rooms.Add(await owner.OpenGroupAsync(bob));
        }

        var direct = (await owner.OpenAsync("direct", [bob.Id])).Text("id");
        await (await bob.PostAsync("/api/conversations/leave", new { conversation_ids = rooms })).ReadAsync(200);
        // Again, with one that never was; and with one that cannot be left.
        await (await bob.PostAsync("/api/conversations/leave", new { conversation_ids = rooms.Append("conv:none") })).ReadAsync(200);
        await (await owner.PostAsync("/api/conversations/leave", new { conversation_ids = rooms.Append(direct) }))
            .ReadProblemAsync(400, ErrorCodes.DirectConversation);
        await (await bob.PostAsync("/api/conversations/leave", new { conversation_ids = Array.Empty<string>() })).ReadProblemAsync(400, ErrorCodes.InvalidField);

        Assert.Equal(direct, Assert.Single((await bob.GetAsync("/api/conversations")).AsArray())!.Text("id"));
        Assert.Equal(21, (await owner.GetAsync("/api/conversations")).AsArray().Count);
    }

    [Fact]
    public async Task OwnerRemovesOthersAndEveryMemberCanLeave()
    {
        using var owner = await server.PersonAsync();
        using var bob = await server.PersonAsync();
        using var carol = await server.PersonAsync();
        var room = await owner.OpenGroupAsync(bob, carol);

        await (await bob.Http.DeleteAsync(Path(room, carol))).ReadProblemAsync(403, ErrorCodes.Forbidden);
        Assert.Equal("success", (await (await owner.Http.DeleteAsync(Path(room, bob))).ReadAsync(200))["status"]!.GetValue<string>());
        await (await bob.Http.GetAsync($"/api/conversations/{room}/messages")).ReadProblemAsync(404, ErrorCodes.ConversationNotFound);
        await (await bob.Http.DeleteAsync(Path(room, carol))).ReadProblemAsync(404, ErrorCodes.ConversationNotFound);
        await (await owner.Http.DeleteAsync(Path(room, bob))).ReadAsync(200);

        await (await owner.Http.DeleteAsync(Path(room, owner))).ReadAsync(200);
        var left = Assert.Single((await carol.GetAsync("/api/conversations")).AsArray());
        Assert.Equal("owner", Assert.Single(left!["members"]!.AsArray())!["role"]!.GetValue<string>());
    }

    [Fact]
    public async Task DirectConversationRefusesMembershipChanges()
    {
        using var alice = await server.PersonAsync();
        using var bob = await server.PersonAsync();
        using var carol = await server.PersonAsync();
        var opened = await alice.PostAsync("/api/conversations", new { conversation_type = "direct", participant_ids = new[] { bob.Name } });
        var direct = (await opened.ReadAsync(200))["id"]!.GetValue<string>();

        await (await alice.PostAsync($"/api/conversations/{direct}/participants", new { identifier = carol.Name }))
            .ReadProblemAsync(400, ErrorCodes.DirectConversation);
        await (await alice.Http.DeleteAsync(Path(direct, alice))).ReadProblemAsync(400, ErrorCodes.DirectConversation);
        await (await alice.Http.DeleteAsync(Path(direct, bob))).ReadProblemAsync(400, ErrorCodes.DirectConversation);
    }

    private async Task RaceAsync()
    {
        using var owner = await server.PersonAsync();
        using var removed = await server.PersonAsync();
        var room = await owner.OpenGroupAsync();
        await using var raw = await removed.ConnectAsync();
        await using var hub = await HubClient.ConnectAsync(server, removed.Token);
        using var stop = new CancellationTokenSource();
        var stream = StreamAsync(owner, room, stop.Token);

        for (var i = 0; i < RemovalsEach; i++)
        {
            await (await owner.PostAsync($"/api/conversations/{room}/participants", new { identifier = removed.Id })).ReadAsync(200);
            await raw.SendAsync(new { type = "join", conversation_id = room });
            await hub.JoinAsync(room);
            await (await owner.Http.DeleteAsync(Path(room, removed))).ReadAsync(200);
            var after = (await owner.SendAsync(room, "after the removal"))["seq"]!.GetValue<long>();

            await raw.SendAsync(new { type = "ping" });
            for (var received = await raw.ReceiveAsync(); received["type"]!.GetValue<string>() != "Pong"; received = await raw.ReceiveAsync())
            {
                // An Error says that the removal overtook the join.
                if (received["type"]!.GetValue<string>() != "Error")
                {
                    Assert.True(Seq(received) < after, "The raw socket heard of a message that was said after the removal");
                }
            }

            await hub.LeaveAsync(room);
            Assert.All(hub.TakeReceived().OfType<NewMessage>(), received => Assert.True(received.Message.Seq < after));
        }

        await stop.CancelAsync();
        await stream;
    }

    private static async Task StreamAsync(Person sender, string room, CancellationToken stop)
    {
        await using var socket = await sender.ConnectAsync();
        while (!stop.IsCancellationRequested)
        {
            await socket.SendAsync(new { type = "message", conversation_id = room, content = "x", request_id = "s" });
            await socket.ReceiveAsync("Ack");
        }
    }

    private static long Seq(JsonObject newMessage) => newMessage["message"]!["seq"]!.GetValue<long>();

    private static string Path(string room, Person person) => $"/api/conversations/{room}/participants/{person.Id}";
}

public sealed class SqliteRemovalTests(TestServer server) : RemovalTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresRemovalTests(PostgresServer server) : RemovalTests(server), IClassFixture<PostgresServer>;
