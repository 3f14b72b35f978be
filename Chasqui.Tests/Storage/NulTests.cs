using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Storage;

/// <summary>U+0000, at which C ends a text, and which PostgreSQL's own text cannot hold.</summary>
public abstract class NulTests(TestServer server)
{
    [Fact]
    public async Task NulIsKeptInContent()
    {
        using var ana = await server.PersonAsync();
        var room = (await ana.OpenAsync("group", [])).Text("id");
        var message = new { content = "con\0tent", client_message_id = "i\0d" };
        var sent = await (await ana.PostAsync($"/api/conversations/{room}/messages", message)).ReadAsync(200);
        // Another one, from the first U+0000 on.
        await (await ana.PostAsync($"/api/conversations/{room}/messages", new { message.content, client_message_id = "i\0e" })).ReadAsync(200);
        var again = await (await ana.PostAsync($"/api/conversations/{room}/messages", message)).ReadAsync(200);

        Assert.Equal(sent.Text("id"), again.Text("id"));
        Assert.Equal(
            ["con\0tent", "con\0tent"],
            (await ana.GetAsync($"/api/conversations/{room}/messages")).AsArray().Select(stored => stored!.Text("content")));
        await (await ana.PostAsync($"/api/conversations/{room}/messages", new { content = "con\0", message.client_message_id }))
            .ReadProblemAsync(409, ErrorCodes.IdempotencyConflict);
    }

    [Fact]
    public async Task NulIsKeptInFrames()
    {
        using var ana = await server.PersonAsync();
        var room = await ana.OpenGroupAsync();
        await using var socket = await ana.ConnectAsync();
        await socket.JoinAsync(room);

        await socket.SendAsync(new { type = "message", conversation_id = room, content = "\0x\0", client_message_id = "\0", request_id = "\0" });

        var received = new[] { await socket.ReceiveAsync(), await socket.ReceiveAsync() }.ToDictionary(frame => frame.Text("type"));
        Assert.Equal("\0", received["Ack"].Text("request_id"));
        Assert.Equal("\0x\0", received["NewMessage"]["message"]!.Text("content"));
    }

    [Theory]
    [InlineData("\0")]
    [InlineData("nobody\0")]
    [InlineData("nobody\0@example.org")]
    public async Task IdentifierWithNulIsUnknown(string identifier)
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var room = await ana.OpenGroupAsync();
        var named = identifier.Replace("nobody", ben.Name, StringComparison.Ordinal);

        await (await ana.PostAsync($"/api/conversations/{room}/participants", new { identifier = named })).ReadProblemAsync(400, ErrorCodes.UserNotFound);
        await (await ana.PostAsync("/api/conversations", new { conversation_type = "direct", participant_ids = new[] { named } }))
            .ReadProblemAsync(400, ErrorCodes.UserNotFound);
        Assert.Empty((await ana.GetAsync("/api/users?query=" + Uri.EscapeDataString(named))).AsArray());
    }

    [Theory]
    [InlineData("username")]
    [InlineData("email")]
    public async Task RegistrationWithNulIsRefused(string field)
    {
        var name = Names.Next();
        var body = new Dictionary<string, string> { ["username"] = name, ["email"] = name + "@example.org", ["password"] = Person.Password };
        body[field] = "x\0" + body[field];
        using var http = server.Anonymous();

        await (await http.PostAsync("/api/register", Rest.Json(System.Text.Json.JsonSerializer.Serialize(body))))
            .ReadProblemAsync(400, ErrorCodes.InvalidField);
    }
}

public sealed class SqliteNulTests(TestServer server) : NulTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresNulTests(PostgresServer server) : NulTests(server), IClassFixture<PostgresServer>;
