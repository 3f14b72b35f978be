using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Introspection;

/// <summary>The documents against what goes over the wire: nothing is said that is not described.</summary>
public sealed class LiveDocumentTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task RawEventsMatchTheirSchema()
    {
        await using var stopping = new TestServer();
        await stopping.StartAsync();
        var document = await SocketDocument.OfAsync(stopping);
        using var alice = await stopping.PersonAsync();
        using var bob = await stopping.PersonAsync();
        using var carol = await stopping.PersonAsync();
        await using var socket = await alice.ConnectAsync();
        await using var old = await bob.ConnectAsync();

        await SayAsync(document, socket, new { type = "hello", request_id = "r1" }, "Welcome", "Ack");
        var room = await alice.OpenGroupAsync(bob);
        await HearAsync(document, socket, "ConversationCreated");
        await SayAsync(document, socket, new { type = "join", conversation_id = room, after = 0, request_id = "r2" }, "Ack");
        await SayAsync(document, socket, new { type = "join", conversation_id = room, request_id = "r3" }, "Ack");
        await SayAsync(document, old, new { type = "join", conversation_id = room[5..] });
        await SayAsync(document, socket,
            new { type = "message", conversation_id = room, content = "Hi 👋", client_message_id = "1", request_id = "r4" }, "NewMessage", "Ack");
        await SayAsync(document, socket,
            new { type = "message", conversation_id = room, content = "Hi 👋", client_message_id = "1", request_id = "r5" }, "Ack");
        await SayAsync(document, old, new { type = "message", conversation_id = "conversation:" + room[5..], content = "Hello" });
        var hello = document.Check(await socket.ReceiveAsync("NewMessage"))["message"]!.Text("id");
        await SayAsync(document, old, new { type = "edit", conversation_id = room, message_id = hello, content = "Hello, world" });
        await HearAsync(document, socket, "MessageEdited");
        foreach (var (type, caused) in new[] { ("react", "ReactionAdded"), ("unreact", "ReactionRemoved") })
        {
            var reaction = new { type, conversation_id = room, message_id = hello, emoji = "👍", request_id = "r4" };
            await SayAsync(document, socket, reaction, caused, "Ack");
        }

        await SayAsync(document, socket,
            new { type = "delete", conversation_id = room, message_id = hello, request_id = "r4" }, "MessageDeleted", "Ack");
        await (await alice.PostAsync($"/api/conversations/{room}/participants", new { identifier = carol.Name })).ReadAsync(200);
        await HearAsync(document, socket, "MemberAdded", "ConversationUpdated");
        await (await alice.Http.PatchAsJsonAsync($"/api/conversations/{room}", new { name = "Interpreters" })).ReadAsync(200);
        await HearAsync(document, socket, "ConversationRenamed", "ConversationUpdated");
        await (await carol.Http.DeleteAsync($"/api/conversations/{room}/participants/{carol.Id}")).ReadAsync(200);
        await HearAsync(document, socket, "MemberRemoved", "ConversationUpdated");
        var club = await bob.OpenGroupAsync(alice);
        await HearAsync(document, socket, "ConversationCreated");
        await (await bob.Http.DeleteAsync($"/api/conversations/{club}/participants/{alice.Id}")).ReadAsync(200);
        await HearAsync(document, socket, "ConversationRemoved");
        await SayAsync(document, old, new { type = "read", conversation_id = room, seq = 3 });
        await HearAsync(document, socket, "ReadMarkMoved");
        await SayAsync(document, old, new { type = "typing", conversation_id = room, active = true });
        await HearAsync(document, socket, "Typing");
        await SayAsync(document, old, new { type = "typing", conversation_id = room, active = false });
        await HearAsync(document, socket, "Typing");
        socket.TakesPresence = true;
        await SayAsync(document, old, new { type = "presence", status = "away" });
        while (document.Check(await socket.ReceiveAsync("PresenceChanged")).Text("status") != "away")
        {
        }

        socket.TakesPresence = false;
        await SayAsync(document, socket, new { type = "ping" }, "Pong");
        await SayAsync(document, socket, new { type = "leave", conversation_id = room, request_id = "r6" }, "Ack");
        foreach (var refused in Refused(room))
        {
            await socket.SendTextAsync(refused);
            await HearAsync(document, socket, "Error");
        }

        var stopped = stopping.StopAsync();
        await HearAsync(document, socket, "Closing");
        await Task.WhenAll(socket.ReceiveCloseAsync(), old.ReceiveCloseAsync());
        await Task.WhenAll(socket.CloseAsync(), old.CloseAsync(), stopped);

        Assert.Equal(document.Messages.Select(message => message.Key).Order(), document.Seen.Order());
    }

    /// <summary>
    /// An event without its <c>type</c> is the argument of the hub event, and what a hub method returns is an <c>Ack</c>.
    /// </summary>
    [Fact]
    public async Task TheHubSpeaksWithTheSameRecords()
    {
        var document = await SocketDocument.OfAsync(server);
        using var alice = await server.PersonAsync();
        using var bob = await server.PersonAsync();
        await using var socket = await alice.ConnectToHubAsync();

        await socket.InvokeAsync("Leave", $$"""{"conversation_id":"conv:{{Guid.NewGuid()}}"}""");
        Assert.Equal(["Ack"], await HubRecordsAsync(document, socket, 1));
        var room = await alice.OpenGroupAsync(bob);
        Assert.Equal(["ConversationCreated"], await HubRecordsAsync(document, socket, 1));
        await socket.InvokeAsync("Join", $$"""{"conversation_id":"{{room}}","after":0}""");
        Assert.Equal(["Ack"], await HubRecordsAsync(document, socket, 1));
        await socket.InvokeAsync("SendMessage", $$"""{"conversation_id":"{{room}}","content":"Hi","client_message_id":"1"}""");
        Assert.Equal(["Ack", "NewMessage"], (await HubRecordsAsync(document, socket, 2)).Order());
    }

    [Fact]
    public async Task RestAnswersMatchTheirSchema()
    {
        using var anonymous = server.Anonymous();
        using var calls = new DocumentedCalls(await (await anonymous.GetAsync("/openapi/v1.json")).ReadAsync(200));
        using var http = new HttpClient(calls) { BaseAddress = new Uri(server.Url) };
        using var bob = await server.PersonAsync();
        var name = Names.Next();
        var account = new { username = name, email = name + "@example.org", password = Person.Password };

        await AskAsync(http, HttpMethod.Get, "/health/live", 200);
        await AskAsync(http, HttpMethod.Get, "/health/ready", 200);
        await AskAsync(http, HttpMethod.Get, "/api/protocol", 200);
        await AskAsync(http, HttpMethod.Get, "/api/me", 401);
        var id = (await AskAsync(http, HttpMethod.Post, "/api/register", 200, account)).Text("id");
        await AskAsync(http, HttpMethod.Post, "/api/register", 409, account);
        await AskAsync(http, HttpMethod.Post, "/api/register", 400, new { username = "1" });
        await AskAsync(http, HttpMethod.Post, "/api/login", 401, new { username = name, password = "wrong horse" });
        async Task LogInAsync() => http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", (await AskAsync(http, HttpMethod.Post, "/api/login", 200, new { username = name, password = Person.Password })).Text("token"));
        await LogInAsync();

        await AskAsync(http, HttpMethod.Get, "/api/me", 200);
        await AskAsync(http, HttpMethod.Patch, "/api/me", 200, new { display_name = "Bob the Builder" });
        await AskAsync(http, HttpMethod.Get, "/api/users?query=" + bob.Name, 200);
        await AskAsync(http, HttpMethod.Get, "/api/users/" + bob.Id, 200);
        await AskAsync(http, HttpMethod.Get, "/api/presence?users=" + bob.Id, 200);
        var task = (await AskAsync(http, HttpMethod.Post, "/api/tasks", 200, new { task_name = "Write" })).Text("uuid");
        await AskAsync(http, HttpMethod.Get, "/api/tasks", 200);
        await AskAsync(http, HttpMethod.Patch, "/api/tasks/" + task, 200);
        await AskAsync(http, HttpMethod.Patch, "/api/tasks/" + Guid.NewGuid(), 404);
        var room = "/api/conversations/" + (await AskAsync(http, HttpMethod.Post, "/api/conversations", 200,
            new { conversation_type = "group", participant_ids = new[] { bob.Name }, name = "Compilers" })).Text("id");
        await AskAsync(http, HttpMethod.Post, "/api/conversations", 200, new { conversation_type = "direct", participant_ids = new[] { bob.Id } });
        await AskAsync(http, HttpMethod.Post, "/api/conversations", 400, new { conversation_type = "direct", participant_ids = new[] { "nobody" } });
        await AskAsync(http, HttpMethod.Get, "/api/conversations", 200);
        await AskAsync(http, HttpMethod.Patch, room, 200, new { name = "Interpreters" });
        await AskAsync(http, HttpMethod.Get, room + "/members", 200);
        var message = room + "/messages/" + (await AskAsync(http, HttpMethod.Post, room + "/messages", 200, new { content = "Hi" })).Text("id");
        await AskAsync(http, HttpMethod.Put, room + "/read", 400, new { seq = 1000 });
        await AskAsync(http, HttpMethod.Patch, message, 200, new { content = "Hello" });
        await AskAsync(http, HttpMethod.Put, message + "/reactions/👍", 200);
        await AskAsync(http, HttpMethod.Delete, message + "/reactions/👍", 200);
        await AskAsync(http, HttpMethod.Delete, message, 200);
        await AskAsync(http, HttpMethod.Patch, message, 404, new { content = "Hello" });
        await AskAsync(http, HttpMethod.Post, room + "/messages", 200, new { content = "Hi", client_message_id = "1" });
        await AskAsync(http, HttpMethod.Post, room + "/messages", 409, new { content = "Other", client_message_id = "1" });
        await AskAsync(http, HttpMethod.Post, room + "/messages", 400, new { content = " " });
        await AskAsync(http, HttpMethod.Get, room + "/messages", 200);
        await AskAsync(http, HttpMethod.Get, room + "/messages?after=1", 200);
        await AskAsync(http, HttpMethod.Delete, room + "/participants/" + bob.Id, 200);
        await AskAsync(http, HttpMethod.Get, room + "/events", 200);
        await AskAsync(http, HttpMethod.Post, room + "/participants", 200, new { identifier = bob.Name });
        await AskAsync(http, HttpMethod.Post, "/api/conversations/leave", 200, new { conversation_ids = new[] { "conv:" + Guid.NewGuid() } });
        await AskAsync(http, HttpMethod.Get, "/api/conversations/" + Guid.NewGuid() + "/messages", 404);
        await AskAsync(http, HttpMethod.Post, "/api/ws/ticket", 200);
        await AskAsync(http, HttpMethod.Put, "/api/blocks/" + bob.Id, 200);
        await AskAsync(http, HttpMethod.Get, "/api/blocks", 200);
        await AskAsync(http, HttpMethod.Delete, "/api/blocks/" + bob.Id, 200);
        await AskAsync(http, HttpMethod.Post, "/api/token", 200);
        var session = (await AskAsync(http, HttpMethod.Get, "/api/sessions", 200))[0]!.Text("id");
        await AskAsync(http, HttpMethod.Delete, "/api/sessions/" + Guid.NewGuid(), 404);
        await AskAsync(http, HttpMethod.Delete, "/api/sessions/" + session, 200);
        await LogInAsync();
        await AskAsync(http, HttpMethod.Get, "/api/ws/chat", 400);
        await AskAsync(http, HttpMethod.Post, "/api/password", 200, new { old_password = Person.Password, new_password = Person.Password });
        await LogInAsync();
        await AskAsync(http, HttpMethod.Post, "/api/logout", 200);
        await LogInAsync();
        await AskAsync(http, HttpMethod.Post, "/api/logout/all", 200);

        Assert.StartsWith("user:", id);
        Assert.Equal(calls.Documented.Order(), calls.Made.Order());
    }

    [Fact]
    public async Task AFieldThatIsNotDescribedIsNoticed()
    {
        var document = await SocketDocument.OfAsync(server);
        var example = document.Messages["NewMessage"]!["examples"]![0]!["payload"]!;
        Assert.Null(document.Problem(example.AsObject()));

        example["message"]!["colour"] = "red";

        Assert.Contains("colour", document.Problem(example.AsObject()), StringComparison.Ordinal);
    }

    private static string[] Refused(string room) =>
    [
        "{",
        "[]",
        """{"type":"wave"}""",
        """{"type":"join","request_id":"r1"}""",
        $$"""{"type":"message","conversation_id":"{{room}}","content":" ","request_id":"r2"}""",
        $$"""{"type":"message","conversation_id":"{{room}}","content":"{{new string('x', 10_001)}}"}""",
        $$"""{"type":"message","conversation_id":"{{room}}","content":"Other","client_message_id":"1"}""",
        $$"""{"type":"join","conversation_id":"conv:{{Guid.NewGuid()}}","request_id":"r3"}""",
    ];

    /// <summary>Sends a frame that the document describes, and waits for the events that it causes, in any order.</summary>
    private static async Task SayAsync(SocketDocument document, RawClient socket, object frame, params string[] events)
    {
        await socket.SendAsync(document.Check(JsonSerializer.SerializeToNode(frame)!.AsObject()));
        await HearAsync(document, socket, events);
    }

    private static async Task HearAsync(SocketDocument document, RawClient socket, params string[] events)
    {
        var heard = new List<string>();
        while (heard.Count < events.Length)
        {
            heard.Add(document.Check(await socket.ReceiveAsync()).Text("type"));
        }

        Assert.Equal(events.Order(), heard.Order());
    }

    /// <summary>What comes from the hub, as the events of the raw transport.</summary>
    private static async Task<IEnumerable<string>> HubRecordsAsync(SocketDocument document, RawClient socket, int count)
    {
        var records = new List<string>();
        while (records.Count < count)
        {
            foreach (var text in (await socket.ReceiveTextAsync()).Split(HubSocket.RecordSeparator, StringSplitOptions.RemoveEmptyEntries))
            {
                var record = JsonNode.Parse(text)!;
                if (record["type"]!.GetValue<int>() == 6)
                {
                    continue;
                }

                var (type, body) = record["target"] is { } target
                    ? (target.GetValue<string>(), record["arguments"]![0]!)
                    : ("Ack", record["result"] ?? throw new InvalidOperationException(text));
                var sent = body.DeepClone().AsObject();
                Assert.False(sent.ContainsKey("type"), text);
                sent["type"] = type;
                records.Add(document.Check(sent).Text("type"));
            }
        }

        return records;
    }

    private static async Task<JsonNode> AskAsync(HttpClient http, HttpMethod method, string path, int status, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await http.SendAsync(request);
        return await answer.ReadAsync(status);
    }
}
