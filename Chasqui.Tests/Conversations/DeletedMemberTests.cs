using Chasqui.Protocol;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.SignalR;

namespace Chasqui.Tests.Conversations;

public abstract class DeletedMemberTests(TestServer server)
{
    [Fact]
    public async Task DeletedAccountsStayInTheirDirectConversationsAndAreToldApart()
    {
        using var ada = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        using var cleo = await server.PersonAsync();
        using var dan = await server.PersonAsync();
        foreach (var other in new[] { ben, cleo, dan })
        {
            await ada.OpenAsync("direct", [other.Id]);
        }

        await ben.DeleteAccountAsync();
        await cleo.DeleteAccountAsync();

        var others = (await ada.GetAsync("/api/conversations")).AsArray()
            .ToDictionary(conversation => conversation!.Strings("participants").Single(id => id != ada.Id));
        Assert.Equal(new[] { ben.Id, cleo.Id, dan.Id }.Order(), others.Keys.Order());
        foreach (var (id, conversation) in others)
        {
            Assert.Equal(conversation!.Strings("participants"), conversation!["members"]!.AsArray().Select(member => member!.Text("id")));
            var member = conversation["members"]!.AsArray().Single(member => member!.Text("id") == id)!;
            if (id == dan.Id)
            {
                Assert.Equal(["id", "username", "role", "last_read_seq"], member.Fields());
            }
            else
            {
                Assert.Equal(("Deleted account", true), (member.Text("username"), member["deleted"]!.GetValue<bool>()));
            }
        }
    }

    [Fact]
    public async Task MessageToDeletedAccountIsRefusedOnEveryTransport()
    {
        using var ada = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        using var stranger = await server.PersonAsync();
        var direct = (await ada.OpenAsync("direct", [ben.Id])).Text("id");
        var messages = $"/api/conversations/{direct}/messages";
        var first = new { content = "Hello", client_message_id = "one" };
        await (await ada.PostAsync(messages, first)).ReadAsync(200);
        await ben.DeleteAccountAsync();

        var problem = await (await ada.PostAsync(messages, new { content = "Ben?" })).ReadProblemAsync(409, ErrorCodes.RecipientDeleted);
        await using var socket = await ada.ConnectAsync();
        await socket.SendAsync(new { type = "message", conversation_id = direct, content = "Ben?", request_id = "r" });
        var error = await socket.ReceiveAsync("Error");
        await using var hub = await HubClient.ConnectAsync(server, ada.Token);
        var thrown = await Assert.ThrowsAsync<HubException>(() => hub.SendAsync(direct, "Ben?"));

        Assert.Contains("deleted", problem.Text("detail"));
        Assert.Equal((ErrorCodes.RecipientDeleted, "r"), (error.Text("code"), error.Text("request_id")));
        Assert.Equal(ErrorCodes.RecipientDeleted, Error.FromHubText(thrown.Message)!.Code);
        // What was acknowledged before keeps its answer, and strangers learn nothing.
        Assert.True((await (await ada.PostAsync(messages, first)).ReadAsync(200))["duplicate"]!.GetValue<bool>());
        await (await stranger.PostAsync(messages, first)).ReadProblemAsync(404, ErrorCodes.ConversationNotFound);
        Assert.Single((await ada.GetAsync(messages)).AsArray());
    }

    [Fact]
    public async Task GroupsAreToldWhoIsGone()
    {
        using var ada = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ada.OpenGroupAsync(ben);
        var direct = (await ada.OpenAsync("direct", [ben.Id])).Text("id");
        await ada.SendAsync(group, "Hello");

        await ben.DeleteAccountAsync();
        await ada.SendAsync(group, "Goodbye");

        var events = (await ada.GetAsync($"/api/conversations/{group}/events?after=0")).AsArray();
        Assert.Equal(["NewMessage", "MemberRemoved", "NewMessage"], events.Select(told => told!.Text("type")));
        var removed = events[1]!;
        Assert.Equal((ben.Id, ben.Id, 2), (removed.Text("user_id"), removed.Text("removed_by"), removed["seq"]!.GetValue<long>()));
        Assert.Empty((await ada.GetAsync($"/api/conversations/{direct}/events?after=0")).AsArray());
    }

    [Fact]
    public async Task GroupThatIsLeftWithOneMemberTakesMessages()
    {
        using var ada = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ada.OpenGroupAsync(ben);
        await ben.DeleteAccountAsync();

        await ada.SendAsync(group, "A note to myself");

        Assert.Single((await ada.GetAsync("/api/conversations"))[0]!["members"]!.AsArray());
    }
}

public sealed class SqliteDeletedMemberTests(TestServer server) : DeletedMemberTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresDeletedMemberTests(PostgresServer server) : DeletedMemberTests(server), IClassFixture<PostgresServer>;
