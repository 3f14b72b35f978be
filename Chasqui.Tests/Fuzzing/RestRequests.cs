using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Chasqui.Tests.Checker;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Fuzzing;

/// <summary>A user and one of their conversations.</summary>
internal sealed record RestCaller(Account Account, string Conversation)
{
    public static async Task<RestCaller> RegisterAsync(Api api)
    {
        var account = await api.RegisterAsync();
        return new RestCaller(account, $"conv:{(await api.OpenRoomAsync([account])).Conversation}");
    }
}

/// <summary>Requests to everything that the server's own document names, with something wrong in most of them.</summary>
internal sealed partial class RestRequests
{
    private static readonly string[] MediaTypes =
        ["application/json; charset=utf-16", "application/json; charset=none", "text/plain", "application/x-www-form-urlencoded", "a/b/c", "*/*", ""];

    private static readonly string[] Segments =
    [
        "x", "%20", "%2e%2e%2f", "..%5c", "%C0%AF", "%ED%A0%80", "%F0%9F%A6%99", "user:", "conv:conv:", "me", "-1", "null", "a;b=c", "%25", "'--", "%0d%0a",
        "00000000-0000-0000-0000-000000000000", "{id}", "0199b1e5-0f28-7e61-a7d4-92b8c4e5f0360", new string('9', 2000),
    ];

    private readonly Operation[] _operations;

    private RestRequests(Operation[] operations) => _operations = operations;

    public static async Task<RestRequests> ReadAsync(Uri server)
    {
        using var http = new HttpClient { BaseAddress = server };
        var document = (await http.GetFromJsonAsync<JsonNode>("/openapi/v1.json"))!;
        return new RestRequests([.. document["paths"]!.AsObject()
            // SignalR words its own refusals.
            .Where(path => !path.Key.StartsWith("/hubs/", StringComparison.Ordinal)).SelectMany(path => path.Value!.AsObject()
            .Where(operation => operation.Value is JsonObject { } described && described.ContainsKey("responses"))
            .Select(operation => new Operation(
                operation.Key.ToUpperInvariant(),
                path.Key,
                [.. (operation.Value!["parameters"]?.AsArray() ?? []).Where(parameter => parameter!["in"]?.GetValue<string>() == "query")
                    .Select(parameter => parameter!["name"]!.GetValue<string>())],
                operation.Value["requestBody"]?["content"]?["application/json"]?["example"]?.ToJsonString())))]);
    }

    public HttpRequestMessage Write(Random random, RestCaller caller)
    {
        var operation = _operations[random.Next(_operations.Length)];
        var path = PathParameter().Replace(operation.Path, parameter => random.Next(3) == 0 ? Pick(random, Segments)
            : parameter.Index > 0 && operation.Path[..parameter.Index].EndsWith("conversations/", StringComparison.Ordinal)
                ? caller.Conversation : caller.Account.Id);
        var query = operation.Query.Where(_ => random.Next(2) == 0)
            .Select(name => $"{name}={Uri.EscapeDataString(Pick(random, OddJson.Values).Trim('"'))}");
        var request = new HttpRequestMessage(
            new HttpMethod(random.Next(30) == 0 ? "FROB" : operation.Method), $"{path}?{string.Join('&', query)}");
        request.Headers.TryAddWithoutValidation("Authorization", random.Next(12) switch
        {
            0 => "Bearer " + Encoding.ASCII.GetString(Mutations.MutateText(random, Encoding.ASCII.GetBytes(caller.Account.Token)))
                .Replace('\r', ' ').Replace('\n', ' ').Replace('\0', ' '),
            1 => Pick(random, ["", "Bearer", "Bearer ", "Basic x", "bearer a.b.c", "Bearer ..", new string('x', 5000)]),
            _ => "Bearer " + caller.Account.Token,
        });
        if (random.Next(10) == 0)
        {
            request.Headers.TryAddWithoutValidation(
                Pick(random, ["Accept", "Origin", "X-Forwarded-For", "Accept-Language", "If-None-Match", "Range"]), Pick(random, MediaTypes));
        }

        if (operation.Example is not null || random.Next(20) == 0)
        {
            request.Content = Body(random, operation.Example ?? "{}", caller);
        }

        return request;
    }

    private static ByteArrayContent Body(Random random, string example, RestCaller caller)
    {
        // The example names people and conversations that are not there.
        var seed = Encoding.UTF8.GetBytes(UserId().Replace(example, caller.Account.Id));
        var content = new ByteArrayContent(random.Next(8) switch
        {
            0 => seed,
            1 => Encoding.UTF8.GetBytes(OddJson.Text(random)),
            2 => Encoding.UTF8.GetBytes(OddJson.Deep(random, random.Next(1, 5_000))),
            3 => Encoding.UTF8.GetBytes(OddValues(random, example)),
            4 => Encoding.UTF8.GetBytes($"\"{new string('x', random.Next(200_000))}\""),
            _ => Mutations.Mutate(random, seed),
        });
        content.Headers.TryAddWithoutValidation("Content-Type", random.Next(8) == 0 ? Pick(random, MediaTypes) : "application/json");
        return content;
    }

    private static string OddValues(Random random, string example) => JsonNode.Parse(example) is JsonObject fields
        ? OddJson.Object(random, [.. fields.Select(field => (field.Key, field.Value?.ToJsonString() ?? "null"))])
        : example;

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex PathParameter();

    [GeneratedRegex("user:[0-9a-f-]{36}")]
    private static partial Regex UserId();

    /// <summary>One call that the server has.</summary>
    private sealed record Operation(string Method, string Path, string[] Query, string? Example);
}
