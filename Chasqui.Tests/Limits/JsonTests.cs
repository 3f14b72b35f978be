using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Limits;

/// <summary>JSON that could be read in two ways, or costs more to read than it says, is refused by every transport.</summary>
public sealed class JsonTests(TestServer server) : IClassFixture<TestServer>
{
    /// <summary>The object itself is the first level.</summary>
    private static string Nested(int depth) => new string('[', depth - 1) + new string(']', depth - 1);

    public static TheoryData<string> Twice =>
    [
        "\"content\":\"a\",\"content\":\"b\"",
        "\"content\":\"a\",\"c\\u006fntent\":\"b\"",
        "\"content\":\"a\",\"x\":1,\"\\u0078\":2",
        "\"content\":\"a\",\"x\":[{\"y\":{\"z\":1,\"z\":1}}]",
        "\"content\":\"a\",\"\\ud800\":0,\"x\":1,\"x\":2",
    ];

    [Fact]
    public async Task ABodyIsNested16DeepAtMost()
    {
        using var ana = await server.PersonAsync();
        var messages = $"/api/conversations/{await ana.OpenGroupAsync()}/messages";

        await (await ana.Http.PostAsync(messages, Rest.Json(Body(ChatJson.MaxDepth)))).ReadAsync(200);
        await (await ana.Http.PostAsync(messages, Rest.Json(Body(ChatJson.MaxDepth + 1)))).ReadProblemAsync(400, ErrorCodes.InvalidJson);

        static string Body(int depth) => $$"""{"content":"hi","x":{{Nested(depth)}}}""";
    }

    [Theory]
    [InlineData("\"content\":\"a\",\"content\":\"b\"")]
    [InlineData("\"content\":\"a\",\"c\\u006fntent\":\"b\"")]
    public async Task DuplicateFieldInBodyIsRefused(string fields)
    {
        using var ana = await server.PersonAsync();
        var body = Rest.Json($$"""{{{fields}}}""");
        await (await ana.Http.PostAsync($"/api/conversations/{await ana.OpenGroupAsync()}/messages", body))
            .ReadProblemAsync(400, ErrorCodes.InvalidJson);
    }

    [Theory]
    [InlineData("/api/login", """{"username":"nobody","password":"correct horse","username":"x"}""")]
    [InlineData("/api/login", "\uFEFF{\"username\":\"nobody\",\"password\":\"correct horse\",\"password\":\"x\"}")]
    [InlineData("/api/tasks", """{"task_name":"x","task_name":"x"}""")]
    public async Task DuplicateFieldIsRefusedByEveryEndpoint(string path, string body)
    {
        using var ana = await server.PersonAsync();
        var problem = await (await ana.Http.PostAsync(path, Rest.Json(body))).ReadProblemAsync(400, ErrorCodes.InvalidJson);
        Assert.Equal("The body has a field twice", problem.Text("detail"));
    }

    [Fact]
    public async Task DuplicateFieldInOptionalBodyIsRefused()
    {
        using var ana = await server.PersonAsync();
        var task = (await (await ana.PostAsync("/api/tasks", new { task_name = "x" })).ReadAsync(200)).Text("uuid");
        await (await ana.Http.PatchAsync($"/api/tasks/{task}", Rest.Json("""{"completed":true,"completed":false}"""))).ReadProblemAsync(400, ErrorCodes.InvalidJson);
    }

    [Fact]
    public async Task AFieldThatTheServerIgnoresMayStandTwiceInABody()
    {
        using var ana = await server.PersonAsync();
        await (await ana.Http.PostAsync("/api/tasks", Rest.Json("""{"task_name":"x","x":1,"x":[{"y":1,"y":2}]}"""))).ReadAsync(200);
    }

    [Fact]
    public async Task ObjectsBesideEachOtherMayHaveTheSameFields()
    {
        using var ana = await server.PersonAsync();
        await (await ana.Http.PostAsync("/api/tasks", Rest.Json("""{"task_name":"x","x":[{"y":{"x":1}},{"y":1}]}"""))).ReadAsync(200);
    }

    [Fact]
    public async Task AFrameIsNested16DeepAtMost()
    {
        using var ana = await server.PersonAsync();
        await using var socket = await ana.ConnectAsync();

        await socket.SendTextAsync($$"""{"type":"ping","x":{{Nested(ChatJson.MaxDepth)}}}""");
        await socket.ReceiveAsync("Pong");
        await socket.SendTextAsync($$"""{"type":"ping","x":{{Nested(ChatJson.MaxDepth + 1)}}}""");
        Assert.Equal(ErrorCodes.InvalidJson, (await socket.ReceiveAsync("Error")).Text("code"));
        await socket.PingAsync();
    }

    [Theory]
    [MemberData(nameof(Twice))]
    public async Task DuplicateFieldInFrameIsRefused(string fields)
    {
        using var ana = await server.PersonAsync();
        await using var socket = await ana.ConnectAsync();

        await socket.SendTextAsync($$"""{"type":"message","conversation_id":"{{await ana.OpenGroupAsync()}}",{{fields}}}""");
        Assert.Equal(ErrorCodes.InvalidJson, (await socket.ReceiveAsync("Error")).Text("code"));
        await socket.PingAsync();
    }

    [Fact]
    public async Task TheArgumentOfAHubMethodIsNested16DeepAtMost()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var socket = await ana.ConnectToHubAsync();

        await socket.InvokeAsync("Join", Argument(ChatJson.MaxDepth));
        Assert.Contains("\"result\"", await socket.ReceiveTextAsync(), StringComparison.Ordinal);
        await socket.InvokeAsync("Join", Argument(ChatJson.MaxDepth + 1));
        await ExpectRefusalAsync(socket);

        string Argument(int depth) => $$"""{"conversation_id":"{{group}}","x":{{Nested(depth)}}}""";
    }

    [Theory]
    [MemberData(nameof(Twice))]
    public async Task TheArgumentOfAHubMethodHasNoFieldTwice(string fields)
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var socket = await ana.ConnectToHubAsync();

        await socket.InvokeAsync("SendMessage", $$"""{"conversation_id":"{{group}}",{{fields}}}""");
        await ExpectRefusalAsync(socket);
    }

    [Theory]
    [InlineData("\"target\":\"Join\"")]
    [InlineData("\"\\u0074arget\":\"Join\"")]
    [InlineData("\"type\":1")]
    [InlineData("\"invocationId\":\"1\"")]
    [InlineData("\"arguments\":[{}]")]
    [InlineData("\"x\":1,\"x\":2")]
    public async Task DuplicateFieldInHubMessageIsRefused(string field)
    {
        using var ana = await server.PersonAsync();
        await using var socket = await ana.ConnectToHubAsync();

        await socket.SendRecordAsync(
            $$"""{"type":1,"invocationId":"1","target":"Leave","arguments":[{"conversation_id":"{{Guid.CreateVersion7()}}"}],{{field}}}""");
        await ExpectRefusalAsync(socket);
    }

    private static async Task ExpectRefusalAsync(RawClient hub)
    {
        var answer = await hub.ReceiveTextAsync();
        Assert.Contains($"HubException: {ErrorCodes.InvalidJson}: ", answer, StringComparison.Ordinal);

        // The connection lives on.
        await hub.InvokeAsync("Leave", $$"""{"conversation_id":"{{Guid.CreateVersion7()}}"}""");
        Assert.Contains("\"result\"", await hub.ReceiveTextAsync(), StringComparison.Ordinal);
    }
}
