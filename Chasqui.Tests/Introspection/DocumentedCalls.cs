using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Chasqui.Tests.Introspection;

/// <summary>Checks every answer that comes to a client against the OpenAPI document.</summary>
internal sealed partial class DocumentedCalls(JsonNode document) : DelegatingHandler(new HttpClientHandler())
{
    private readonly ServedSchemas _schemas = new(document);

    /// <summary>The calls that were made: method and path as the document has them.</summary>
    public HashSet<string> Made { get; } = [];

    /// <summary>Every call in the document that is ours: SignalR's transports are its own.</summary>
    public IEnumerable<string> Documented =>
        from path in document["paths"]!.AsObject()
        where !path.Key.StartsWith("/hubs", StringComparison.Ordinal)
        from operation in path.Value!.AsObject()
        where operation.Key != "head"
        select $"{operation.Key.ToUpperInvariant()} {path.Key}";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        var call = Documented.Single(call => Matches(call, request));
        var status = ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
        var operation = document["paths"]![call.Split(' ')[1]]![call.Split(' ')[0].ToLowerInvariant()]!;
        var described = operation["responses"]![status];
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(described is not null, $"{call} answered {status}, which is not described: {text}");
        var schema = described["content"]?[answer.Content.Headers.ContentType!.MediaType!]?["schema"];
        Assert.True(schema is not null, $"{call} answered {status} with a body that is not described: {text}");
        var problem = _schemas.Problem(schema, JsonNode.Parse(text));
        Assert.True(problem is null, $"{call} {status}: {problem}");
        Made.Add(call);
        return answer;
    }

    private static bool Matches(string call, HttpRequestMessage request) =>
        call.Split(' ')[0] == request.Method.Method
        && Regex.IsMatch(request.RequestUri!.AbsolutePath, $"^{Parameter().Replace(call.Split(' ')[1], "[^/]+")}$")
        // Where one path fits into another, the one without parameters is meant.
        && (call.Split(' ')[1] == request.RequestUri.AbsolutePath || call.Contains('{', StringComparison.Ordinal));

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Parameter();
}
