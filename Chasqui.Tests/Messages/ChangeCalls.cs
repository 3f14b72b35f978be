using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Messages;

/// <summary>The calls that change messages, and the events that they cause.</summary>
internal static class ChangeCalls
{
    /// <summary>The next events, but for those that tell of conversations.</summary>
    public static async Task<List<JsonObject>> ReceiveAsync(RawClient client, int count)
    {
        var received = new List<JsonObject>();
        while (received.Count < count)
        {
            var next = await client.ReceiveAsync();
            if (!next.Text("type").StartsWith("Conversation", StringComparison.Ordinal))
            {
                received.Add(next);
            }
        }

        return received;
    }

    public static long Seq(JsonNode received) => (received["seq"] ?? received["message"]!["seq"])!.GetValue<long>();

    public static async Task<IEnumerable<long>> SeqsAsync(Person person, string path) =>
        (await person.GetAsync(path)).AsArray().Select(message => message!["seq"]!.GetValue<long>());

    public static async Task<JsonNode> AnswerAsync(Person person, HttpMethod method, string group, string path, object? body = null) =>
        await (await SendAsync(person, method, group, path, body)).ReadAsync(200);

    public static async Task RefusedAsync(
        Person person, HttpMethod method, string group, string path, object? body, int status, string code) =>
        Assert.Equal(code, (await (await SendAsync(person, method, group, path, body)).ReadAsync(status)).Text("code"));

    public static Task<HttpResponseMessage> SendAsync(Person person, HttpMethod method, string group, string path, object? body) =>
        person.Http.SendAsync(new HttpRequestMessage(method, $"/api/conversations/{group}/messages/{path}".TrimEnd('/'))
        {
            Content = body is null ? null : JsonContent.Create(body),
        });
}
