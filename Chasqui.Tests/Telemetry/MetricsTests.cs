using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Chasqui.Protocol;
using Chasqui.Server.Hosting;
using Chasqui.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Chasqui.Tests.Telemetry;

public sealed partial class MetricsTests : IAsyncLifetime
{
    private readonly TestServer _server = new();

    // An open connection that nothing refers to is closed when memory is collected.
    private readonly List<IAsyncDisposable> _open = [];

    public async ValueTask InitializeAsync() => await _server.StartAsync("--Metrics:Url", "http://127.0.0.1:0");

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _open)
        {
            await connection.DisposeAsync();
        }

        await _server.DisposeAsync();
    }

    [Fact]
    public async Task EveryQueryOfTheDashboardFindsWhatItAsksFor()
    {
        await ChatAsync();

        var samples = await ScrapeAsync();

        var names = samples.Select(sample => sample.Name).ToHashSet();
        var labels = samples.SelectMany(sample => sample.Labels.Select(label => (sample.Name, label.Key))).ToHashSet();
        var queries = Queries();
        Assert.True(queries.Length > 15);
        foreach (var query in queries)
        {
            var asked = MetricName().Matches(GroupedBy().Replace(query, "")).Select(match => match.Value).ToArray();
            Assert.NotEmpty(asked);
            Assert.All(asked, name => Assert.True(names.Contains(name), $"{name} is nowhere in /metrics: {query}"));
            var by = GroupedBy().Matches(query).SelectMany(match => match.Groups[1].Value.Split(", "));
            Assert.All(by, label => Assert.True(asked.Any(name => labels.Contains((name, label))), $"{label} is no label: {query}"));
        }
    }

    [Fact]
    public async Task MetricsCountEvents()
    {
        await ChatAsync();

        var samples = await ScrapeAsync();

        Assert.Equal(1, Value(samples, "chasqui_connections", ("transport", "raw")));
        Assert.Equal(1, Value(samples, "chasqui_connections", ("transport", "hub")));
        Assert.Equal(1, Value(samples, "chasqui_conversations_joined"));
        Assert.Equal(1, Value(samples, "chasqui_backplane_state", ("state", "off")));
        Assert.True(Value(samples, "chasqui_storage_database_size_bytes") > 0);
        // Of these other servers of this process may have counted some, too.
        Assert.True(Value(samples, "chasqui_messages_total") >= 2);
        Assert.True(Value(samples, "chasqui_message_ack_duration_seconds_count") >= 2);
        Assert.True(Value(samples, "chasqui_deliveries_total") >= 4);
        foreach (var transport in new[] { "raw", "hub", "rest" })
        {
            Assert.True(Value(samples, "chasqui_errors_total", ("code", "conversation_not_found"), ("transport", transport)) >= 1, transport);
        }

        // What never reached the hub.
        Assert.True(Value(samples, "chasqui_errors_total", ("code", "invalid_json"), ("transport", "raw")) >= 1);
        Assert.True(Value(samples, "chasqui_connections_closed_total", ("code", "1000"), ("transport", "raw")) >= 1);
    }

    [Fact]
    public async Task TheServersOwnAddressHasNoMetrics()
    {
        using var http = _server.Anonymous();

        Assert.Equal(404, (int)(await http.GetAsync(MetricsServer.Path)).StatusCode);
    }

    [Fact]
    public async Task TheAddressOfTheMetricsHasNothingElse()
    {
        using var http = new HttpClient();
        var metrics = Address();

        Assert.Equal(404, (int)(await http.GetAsync(metrics.Replace(MetricsServer.Path, "/api/tasks", StringComparison.Ordinal))).StatusCode);
        Assert.Equal(404, (int)(await http.GetAsync(metrics.Replace(MetricsServer.Path, "/health/live", StringComparison.Ordinal))).StatusCode);
    }

    private static string[] Queries()
    {
        var dashboard = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "deploy", "grafana", "chasqui.json")))!;
        return [.. dashboard["panels"]!.AsArray()
            .SelectMany(panel => panel!["targets"]!.AsArray())
            .Select(target => target!.Text("expr"))
            .Append(dashboard["templating"]!["list"]![1]!["query"]!.Text("query"))];
    }

    private static double Value(IEnumerable<Sample> samples, string name, params (string Key, string Value)[] labels) => samples
        .Where(sample => sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Key) == label.Value))
        .Sum(sample => sample.Value);

    private string Address() => _server.Services.GetServices<IHostedService>().OfType<MetricsServer>().Single().Address;

    /// <summary>Everything that there is to measure happens once: at least one connection of each transport is open afterwards.</summary>
    private async Task ChatAsync()
    {
        const string Unknown = "conv:00000000-0000-7000-8000-000000000000";
        var ana = await _server.PersonAsync();
        var room = await ana.OpenGroupAsync();
        await using (var gone = await ana.ConnectAsync())
        {
            await gone.CloseAsync();
            Assert.Equal(1000, await gone.ReceiveCloseAsync());
        }

        var raw = await ana.ConnectAsync();
        _open.Add(raw);
        await raw.JoinAsync(room);
        var hub = await HubClient.ConnectAsync(_server, ana.Token);
        _open.Add(hub);
        await hub.JoinAsync(room);
        await ana.SendAsync(room, "one");
        await raw.SendAsync(new { type = "message", conversation_id = room, content = "two" });
        await raw.ReceiveAsync("NewMessage");
        await raw.ReceiveAsync("NewMessage");
        await raw.SendTextAsync("no JSON");
        await raw.ReceiveAsync("Error");
        await raw.SendAsync(new { type = "join", conversation_id = Unknown });
        await raw.ReceiveAsync("Error");
        await hub.RefusalAsync("Join", new Join { ConversationId = new(Guid.Parse(Unknown[5..])) });
        Assert.Equal(404, (int)(await ana.Http.GetAsync($"/api/conversations/{Unknown}/messages")).StatusCode);
    }

    private async Task<IReadOnlyList<Sample>> ScrapeAsync()
    {
        using var http = new HttpClient();
        var answer = await http.GetAsync(Address());
        Assert.Equal(200, (int)answer.StatusCode);
        return [.. SampleLine().Matches(await answer.Content.ReadAsStringAsync()).Select(match => new Sample(
            match.Groups["name"].Value,
            Label().Matches(match.Groups["labels"].Value).ToDictionary(label => label.Groups[1].Value, label => label.Groups[2].Value),
            double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture)))];
    }

    [GeneratedRegex(@"\b(chasqui|http|dotnet|kestrel)_\w+(?=\{|\[|,|\))")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"by \(([^)]+)\)")]
    private static partial Regex GroupedBy();

    [GeneratedRegex(@"^(?<name>[a-zA-Z_:][\w:]*)(\{(?<labels>.*)\})? (?<value>[-+\d.eE]+|NaN)( \d+)?\r?$", RegexOptions.Multiline)]
    private static partial Regex SampleLine();

    [GeneratedRegex(@"(\w+)=""((?:[^""\\]|\\.)*)""")]
    private static partial Regex Label();

    private sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);
}
