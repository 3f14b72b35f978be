using System.Text.Json.Nodes;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Hosting;

public sealed class JsonLogTests
{
    [Fact]
    public async Task EveryLineIsAnObjectAndSaysToWhichTraceItBelongs()
    {
        using var folder = new TemporaryFolder();
        await using var server = ServerProcess.Start(folder.Path, environment: null, "--json", "--urls", "http://127.0.0.1:0", "--Accounts:BcryptCost", "4");
        using var http = new HttpClient { BaseAddress = new Uri(await server.UrlAsync()) };
        http.DefaultRequestHeaders.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        await (await http.PostAsync(
            "/api/register", Rest.Json("""{"username":"Ada","email":"ada@example.org","password":"correct horse"}"""))).ReadAsync(200);

        await server.TerminateAsync();
        var lines = server.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToArray();
        Assert.True(lines.Length >= 2);
        Assert.All(lines, line => Rest.IsTime(line.Text("Timestamp")));
        Assert.All(lines, line => Assert.NotEmpty(line.Text("LogLevel")));
        var registered = lines.Single(line => line.Text("Message").Contains(" registered from ", StringComparison.Ordinal));
        Assert.Contains("0af7651916cd43dd8448eb211c80319c", registered.ToJsonString(), StringComparison.Ordinal);
    }
}
