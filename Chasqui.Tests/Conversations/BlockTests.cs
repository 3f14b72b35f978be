using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Conversations;

public abstract class BlockTests(TestServer server)
{
    [Fact]
    public async Task MessagesOfABlockedUserAreRefusedOnEveryTransport()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var talk = (await ana.OpenAsync("direct", [ben.Id])).Text("id");
        await ben.SendAsync(talk, "before");
        await using var raw = await ben.ConnectAsync();
        await using var hub = await HubClient.ConnectAsync(server, ben.Token);

        await (await ana.Http.PutAsync("/api/blocks/" + ben.Id, null)).ReadAsync(200);

        await (await ben.PostAsync($"/api/conversations/{talk}/messages", new { content = "REST" })).ReadProblemAsync(403, ErrorCodes.Blocked);
        await raw.SendAsync(new { type = "message", conversation_id = talk, content = "raw", request_id = "r" });
        var error = await raw.ReceiveAsync("Error");
        Assert.Equal((ErrorCodes.Blocked, "r"), (error.Text("code"), error.Text("request_id")));
        Assert.Equal(ErrorCodes.Blocked, (await hub.RefusalAsync(
            nameof(IChatHub.SendMessage), new SendMessage { ConversationId = new(Guid.Parse(talk["conv:".Length..])), Content = "hub" })).Code);
        Assert.Single((await ana.GetAsync($"/api/conversations/{talk}/messages")).AsArray());
        // The one who blocks may go on, and unblock.
        await ana.SendAsync(talk, "goodbye");
        await (await ana.Http.DeleteAsync("/api/blocks/" + ben.Name)).ReadAsync(200);
        await ben.SendAsync(talk, "after");
    }

    [Fact]
    public async Task BlockBeforeTheConversationRefusesItsFirstMessage()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        await (await ana.Http.PutAsync("/api/blocks/" + ben.Name, null)).ReadAsync(200);

        var talk = (await ben.OpenAsync("direct", [ana.Id])).Text("id");

        await (await ben.PostAsync($"/api/conversations/{talk}/messages", new { content = "hi" })).ReadProblemAsync(403, ErrorCodes.Blocked);
    }

    [Fact]
    public async Task GroupsAndOtherConversationsAreNotAffected()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        using var cleo = await server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        var other = (await ben.OpenAsync("direct", [cleo.Id])).Text("id");

        await (await ana.Http.PutAsync("/api/blocks/" + ben.Id, null)).ReadAsync(200);

        await ben.SendAsync(group, "to the group");
        await ben.SendAsync(other, "to another");
        var later = await ana.OpenGroupAsync(ben);
        await ben.SendAsync(later, "to a later group");
    }

    [Fact]
    public async Task MessageThatWasStoredBeforeTheBlockIsStillAcknowledged()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var talk = (await ana.OpenAsync("direct", [ben.Id])).Text("id");
        var message = new { content = "once", client_message_id = "1" };
        await (await ben.PostAsync($"/api/conversations/{talk}/messages", message)).ReadAsync(200);

        await (await ana.Http.PutAsync("/api/blocks/" + ben.Id, null)).ReadAsync(200);

        Assert.True((await (await ben.PostAsync($"/api/conversations/{talk}/messages", message)).ReadAsync(200))["duplicate"]!.GetValue<bool>());
    }

    [Fact]
    public async Task BlocksAreListedByName()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        using var cleo = await server.PersonAsync();
        foreach (var blocked in new[] { cleo, ben, ben })
        {
            await (await ana.Http.PutAsync("/api/blocks/" + blocked.Id, null)).ReadAsync(200);
        }

        var blocks = (await ana.GetAsync("/api/blocks")).AsArray();
        Assert.Equal(new[] { ben.Name, cleo.Name }.Order(StringComparer.Ordinal), blocks.Select(user => user!.Text("username")));
        Assert.Equal(["id", "username"], blocks[0]!.Fields());
        Assert.Empty((await ben.GetAsync("/api/blocks")).AsArray());
        await (await ana.Http.DeleteAsync("/api/blocks/" + ben.Id)).ReadAsync(200);
        await (await ana.Http.DeleteAsync("/api/blocks/" + ben.Id)).ReadAsync(200);
        Assert.Equal(cleo.Id, Assert.Single((await ana.GetAsync("/api/blocks")).AsArray())!.Text("id"));
    }

    [Fact]
    public async Task UnknownUserAndOneselfCannotBeBlocked()
    {
        using var ana = await server.PersonAsync();

        await (await ana.Http.PutAsync("/api/blocks/nobody", null)).ReadProblemAsync(400, ErrorCodes.UserNotFound);
        await (await ana.Http.DeleteAsync("/api/blocks/nobody")).ReadProblemAsync(400, ErrorCodes.UserNotFound);
        await (await ana.Http.PutAsync("/api/blocks/" + ana.Id, null)).ReadProblemAsync(400, ErrorCodes.InvalidField);
    }
}

public sealed class SqliteBlockTests(TestServer server) : BlockTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresBlockTests(PostgresServer server) : BlockTests(server), IClassFixture<PostgresServer>
{
    [Fact]
    public async Task BlockOnOneServerRefusesMessagesOnAnother()
    {
        await using var other = new TestServer { Store = Store.Postgres, SharesDatabaseOf = server };
        await other.StartAsync();
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        using var benThere = ben.On(other);
        var talk = (await ana.OpenAsync("direct", [ben.Id])).Text("id");

        for (var i = 0; i < 10; i++)
        {
            // Blocked while he talks.
            var talking = SendUntilRefusedAsync(benThere, talk);
            await (await ana.Http.PutAsync("/api/blocks/" + ben.Id, null)).ReadAsync(200);
            var length = await LengthAsync(ana, talk);

            await talking;
            Assert.Equal(length, await LengthAsync(ana, talk));
            await (await ana.Http.DeleteAsync("/api/blocks/" + ben.Id)).ReadAsync(200);
        }
    }

    private static async Task SendUntilRefusedAsync(Person person, string talk)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        while (true)
        {
            deadline.Token.ThrowIfCancellationRequested();
            using var answer = await person.PostAsync($"/api/conversations/{talk}/messages", new { content = "still here" });
            if ((int)answer.StatusCode != 200)
            {
                await answer.ReadProblemAsync(403, ErrorCodes.Blocked);
                return;
            }
        }
    }

    private static async Task<long> LengthAsync(Person person, string talk) =>
        (await person.GetAsync("/api/conversations"))[0]!["last_seq"]!.GetValue<long>();
}
