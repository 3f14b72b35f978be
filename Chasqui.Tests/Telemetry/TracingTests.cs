using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Chasqui.Tests.Telemetry;

/// <summary>A server as a process of its own, told in its environment where traces go.</summary>
public sealed class TracingTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<byte[]>> _exported = new();
    private readonly WebApplication _collector;

    public TracingTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _collector = builder.Build();
        _collector.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            _exported.GetOrAdd(http.Request.Path, _ => new()).Enqueue(body.ToArray());
        });
    }

    public async ValueTask InitializeAsync() => await _collector.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _collector.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task RequestIsTracedFromTransportToCommitWithoutContent()
    {
        var environment = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _collector.Urls.Single(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        };
        await using var server = ServerProcess.Start(_folder.Path, environment, "--urls", "http://127.0.0.1:0", "--Accounts:BcryptCost", "4");
        var url = await server.UrlAsync();
        const string Trace = "0af7651916cd43dd8448eb211c80319c";
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        await http.PostAsync("/api/register", Rest.Json($$"""{"username":"Ada","email":"ada@example.org","password":"{{Person.Password}}"}"""));
        var login = await (await http.PostAsync("/api/login", Rest.Json($$"""{"username":"Ada","password":"{{Person.Password}}"}"""))).ReadAsync(200);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", login.Text("token"));
        http.DefaultRequestHeaders.Add("traceparent", $"00-{Trace}-b7ad6b7169203331-01");
        var room = await (await http.PostAsync(
            "/api/conversations", Rest.Json("""{"conversation_type":"group","participant_ids":[]}"""))).ReadAsync(200);
        await (await http.PostAsync($"/api/conversations/{room.Text("id")}/messages", Rest.Json("""{"content":"between us"}"""))).ReadAsync(200);
        await using var socket = await RawClient.ConnectAsync(new Uri($"{url.Replace("http", "ws", StringComparison.Ordinal)}/api/ws/chat?token={login.Text("token")}"));
        await socket.SendAsync(new { type = "message", conversation_id = room.Text("id"), content = "between us", request_id = "r" });
        await socket.ReceiveAsync("Ack");

        // Ending, it exports what it has.
        await server.TerminateAsync();

        var spans = Exported("/v1/traces");
        // Whose trace it is stands in its own spans: the requests, and their writes.
        Assert.True(Count(spans, Convert.FromHexString(Trace)) >= 4);
        Assert.True(Count(spans, "chasqui.write"u8) >= 3);
        Assert.True(Count(spans, "chasqui.commit"u8) >= 3);
        Assert.True(Count(spans, "SendMessage"u8) >= 1);
        Assert.True(Count(Exported("/v1/metrics"), "chasqui.messages"u8) >= 1);
        foreach (var secret in new[] { "between us", Person.Password, login.Text("token") })
        {
            Assert.All(_exported.Keys, path => Assert.Equal(0, Count(Exported(path), Encoding.UTF8.GetBytes(secret))));
        }
    }

    private byte[] Exported(string path) => _exported.TryGetValue(path, out var bodies) ? [.. bodies.SelectMany(body => body)] : [];

    private static int Count(ReadOnlySpan<byte> where, ReadOnlySpan<byte> what)
    {
        var count = 0;
        for (var at = where.IndexOf(what); at >= 0; at = where.IndexOf(what))
        {
            count++;
            where = where[(at + what.Length)..];
        }

        return count;
    }
}
