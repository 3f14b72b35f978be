using System.Text.Json.Nodes;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Introspection;

/// <summary>The AsyncAPI document of a running server, and what of it has been seen to be true.</summary>
internal sealed class SocketDocument
{
    private readonly ServedSchemas _schemas;

    private SocketDocument(JsonNode json)
    {
        Json = json;
        _schemas = new ServedSchemas(json);
    }

    public JsonNode Json { get; }

    public JsonObject Messages => Json["components"]!["messages"]!.AsObject();

    /// <summary>The types of the frames and events that were checked.</summary>
    public HashSet<string> Seen { get; } = [];

    public static async Task<SocketDocument> OfAsync(TestServer server)
    {
        using var http = server.Anonymous();
        return new SocketDocument(await (await http.GetAsync("/asyncapi.json")).ReadAsync(200));
    }

    public string? Problem(JsonObject message) =>
        Messages[message.Text("type")] is { } known ? _schemas.Problem(known["payload"]!, message) : $"Not described: {message.ToJsonString()}";

    /// <summary>Checks a frame or an event that went over a socket, <c>type</c> included.</summary>
    public JsonObject Check(JsonObject message)
    {
        Assert.Null(Problem(message));
        Seen.Add(message.Text("type"));
        return message;
    }
}
