using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Conversations;

public abstract class ConversationEventTests(TestServer server)
{
    [Fact]
    public async Task ConversationCreatedReachesSubscribersAndJoinsNone()
    {
        using var alice = await server.PersonAsync();
        using var bob = await server.PersonAsync();
        await using var hub = await HubClient.ConnectAsync(server, bob.Token);
        await using var raw = await GreetAsync(bob);
        await using var old = await bob.ConnectAsync();
        await using var stranger = await GreetAsync(await server.PersonAsync());

        var room = await alice.OpenGroupAsync(bob);

        Assert.Equal(room, (await hub.ReceiveAsync<ConversationCreated>()).Conversation.Id.ToString());
        var created = (await raw.ReceiveAsync("ConversationCreated"))["conversation"]!;
        var listed = (await bob.GetAsync("/api/conversations"))[0]!;
        Assert.Equal([alice.Id, bob.Id], created.Strings("participants"));
        // The event goes to many users.
        Assert.Equal(listed.Fields().Except(["last_read_seq", "unread_count", "unread_mentions"]), created.Fields());
        await alice.SendAsync(room, "not joined");
        await raw.PingAsync();
        await old.PingAsync();
        await stranger.PingAsync();
    }

    [Fact]
    public async Task ExistingDirectConversationSendsNoEvent()
    {
        using var alice = await server.PersonAsync();
        using var bob = await server.PersonAsync();
        var ask = new { conversation_type = "direct", participant_ids = new[] { bob.Name } };
        await (await alice.PostAsync("/api/conversations", ask)).ReadAsync(200);
        await using var raw = await GreetAsync(bob);

        await (await alice.PostAsync("/api/conversations", ask)).ReadAsync(200);

        await raw.PingAsync();
    }

    [Fact]
    public async Task MembershipChangeReachesMembersAndAddedMemberGetsConversationCreated()
    {
        using var alice = await server.PersonAsync();
        using var bob = await server.PersonAsync();
        using var carol = await server.PersonAsync();
        var room = await alice.OpenGroupAsync(bob);
        await using var member = await GreetAsync(bob);
        await using var hub = await HubClient.ConnectAsync(server, bob.Token);
        await using var added = await GreetAsync(carol);

        await (await alice.PostAsync($"/api/conversations/{room}/participants", new { identifier = carol.Name })).ReadAsync(200);
        Assert.Equal(3, Participants(await member.ReceiveAsync("ConversationUpdated")));
        Assert.Equal(3, (await hub.ReceiveAsync<ConversationUpdated>()).Conversation.Participants.Count);
        Assert.Equal(3, Participants(await added.ReceiveAsync("ConversationCreated")));

        await (await alice.PostAsync($"/api/conversations/{room}/participants", new { identifier = carol.Name })).ReadAsync(200);
        await (await carol.Http.DeleteAsync($"/api/conversations/{room}/participants/{carol.Id}")).ReadAsync(200);
        Assert.Equal(2, Participants(await member.ReceiveAsync("ConversationUpdated")));
        await added.ReceiveAsync("ConversationRemoved");
        await added.PingAsync();
    }

    private static async Task<RawClient> GreetAsync(Person person)
    {
        var socket = await person.ConnectAsync();
        await socket.SendAsync(new { type = "hello" });
        await socket.ReceiveAsync("Welcome");
        return socket;
    }

    private static int Participants(JsonObject changed) => changed["conversation"]!["participants"]!.AsArray().Count;
}

public sealed class SqliteConversationEventTests(TestServer server) : ConversationEventTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresConversationEventTests(PostgresServer server) : ConversationEventTests(server), IClassFixture<PostgresServer>;
