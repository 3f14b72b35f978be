using System.Text;
using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Limits;

/// <summary>What costs the server much, or fills its disk. The clock stands still: nothing comes back.</summary>
public sealed class WorkLimitTests : IAsyncLifetime
{
    private readonly TestServer _server = new() { Clock = new TestClock() };

    public async ValueTask InitializeAsync() => await _server.StartAsync(
        "--Limits:Enabled", "true", "--Limits:AddedMembersPerHour", "5", "--Limits:StoredMiBPerDay", "1",
        "--Limits:RequestsPer10sPerUser", "100000");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task IdentifiersAreChargedBeforeTheyAreLookedUp()
    {
        using var ana = await _server.PersonAsync();
        using var ben = await _server.PersonAsync();
        var unknown = Enumerable.Range(0, 900).Select(_ => $"{Guid.CreateVersion7()}").ToArray();
        var served = 0;
        HttpResponseMessage answer;
        while ((int)(answer = await AskAsync()).StatusCode == 400)
        {
            Assert.True(++served < 100, "Nothing was ever charged");
        }

        Assert.InRange(served, 5, 20);
        Assert.Equal(ErrorCodes.RateLimited, (await answer.ReadProblemAsync(429, ErrorCodes.RateLimited)).Text("code"));
        Assert.True(answer.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        // Others have their own.
        await ben.OpenGroupAsync(ana);

        Task<HttpResponseMessage> AskAsync() =>
            ana.PostAsync("/api/conversations", new { conversation_type = "group", participant_ids = unknown });
    }

    [Fact]
    public async Task LongBodiesAreChargedBeforeTheyAreRead()
    {
        using var ana = await _server.PersonAsync();
        var body = "{" + string.Join(',', Enumerable.Range(0, 7_000).Select(i => $"\"f{i}\":1")) + "}";
        var served = 0;
        while ((int)(await ana.Http.PostAsync("/api/tasks", new StringContent(body, Encoding.UTF8, "application/json"))).StatusCode != 429)
        {
            Assert.True(++served < 200, "Nothing was ever charged");
        }

        Assert.InRange(served, 10, 100);
    }

    [Fact]
    public async Task LongFramesCountAsSeveral()
    {
        using var ana = await _server.PersonAsync();
        await using var socket = await ana.ConnectAsync();
        var frame = "{\"type\":\"leave\",\"conversation_id\":\"" + Guid.CreateVersion7() + "\",\"request_id\":\"r\",\"pad\":\"" + new string('x', 120_000) + "\"}";
        var served = 0;
        string? code;
        do
        {
            await socket.SendTextAsync(frame);
            code = (await socket.ReceiveAsync())["code"]?.GetValue<string>();
            Assert.True(++served < 500, "Nothing was ever charged");
        }
        while (code != ErrorCodes.RateLimited);

        // Of 1,000, each costs fifteen.
        Assert.InRange(served, 50, 90);
    }

    [Fact]
    public async Task RegistrationOrLoginWithALongBodyIsRefused()
    {
        using var http = _server.Anonymous();
        foreach (var path in new[] { "/api/login", "/api/register" })
        {
            var answer = await http.PostAsync(path, new StringContent("{\"x\":\"" + new string('x', 9_000) + "\"}", Encoding.UTF8, "application/json"));
            await answer.ReadProblemAsync(413, ErrorCodes.PayloadTooLarge);
        }
    }

    [Fact]
    public async Task PeopleAreAddedUpToTheAllowance()
    {
        using var ana = await _server.PersonAsync();
        using var ben = await _server.PersonAsync();
        using var cleo = await _server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben, cleo);
        var direct = (await ana.OpenAsync("direct", [ben.Id])).Text("id");
        await ana.OpenGroupAsync(ben, cleo);

        var refused = await ana.PostAsync("/api/conversations", new { conversation_type = "direct", participant_ids = new[] { cleo.Id } });

        await refused.ReadProblemAsync(429, ErrorCodes.RateLimited);
        // What exists costs nothing, and so does a group of one's own.
        Assert.Equal(direct, (await ana.OpenAsync("direct", [ben.Id])).Text("id"));
        await (await ana.PostAsync($"/api/conversations/{group}/participants", new { identifier = ben.Id })).ReadAsync(200);
        await ana.OpenGroupAsync();
    }

    [Fact]
    public async Task AddressesOfAKnownUserAreTriedUpToTheAllowance()
    {
        using var ana = await _server.PersonAsync();
        using var ben = await _server.PersonAsync();
        await ana.OpenAsync("direct", [ben.Id]);

        for (var i = 0; i < 4; i++)
        {
            await ana.OpenAsync("direct", [ben.Email]);
        }

        var again = new { conversation_type = "direct", participant_ids = new[] { ben.Email } };
        var refused = await ana.PostAsync("/api/conversations", again);
        await refused.ReadProblemAsync(429, ErrorCodes.RateLimited);
        await ana.OpenAsync("direct", [ben.Id]);
    }

    [Fact]
    public async Task OneUserStoresUpToTheQuotaOfADay()
    {
        using var ana = await _server.PersonAsync();
        using var ben = await _server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        var content = new string('x', 10_000);
        var stored = 0;
        HttpResponseMessage answer;
        while ((answer = await ana.PostAsync($"/api/conversations/{group}/messages", new { content })).IsSuccessStatusCode)
        {
            stored++;
        }

        Assert.InRange(stored, 90, 110);
        Assert.Contains("in a day", (await answer.ReadProblemAsync(429, ErrorCodes.RateLimited)).Text("message"), StringComparison.Ordinal);
        await using var socket = await ana.ConnectAsync();
        await socket.SendAsync(new { type = "message", conversation_id = group, content, request_id = "r" });
        Assert.True((await socket.ReceiveAsync("Error"))["retry_after_ms"]!.GetValue<int>() > 1_000);
        await ben.SendAsync(group, "I have my own.");

        // Groups take room too: what is left is not enough for many.
        var opened = 0;
        while ((answer = await ana.PostAsync("/api/conversations", new { conversation_type = "group", participant_ids = Array.Empty<string>() })).IsSuccessStatusCode)
        {
            Assert.True(++opened < 100, "Nothing was ever charged");
        }

        Assert.Contains("in a day", (await answer.ReadProblemAsync(429, ErrorCodes.RateLimited)).Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReplaysAreChargedByTheirMessages()
    {
        using var ana = await _server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        for (var i = 0; i < 400; i++)
        {
            await ana.SendAsync(group, "x");
        }

        await using var socket = await ana.ConnectAsync();
        var joined = 0;
        JsonObject answer;
        do
        {
            await socket.SendAsync(new { type = "join", conversation_id = group, after = 0, request_id = "r" });
            while ((answer = await socket.ReceiveAsync()).Text("type") == "NewMessage")
            {
            }

            Assert.True(++joined < 200, "Nothing was ever charged");
        }
        while (answer.Text("type") == "Ack");

        Assert.Equal(ErrorCodes.RateLimited, answer.Text("code"));
        // Each is 405 units of 40,000, of which the messages and the group took some.
        Assert.InRange(joined, 80, 101);
    }

    [Fact]
    public async Task LongMessagesOfHistoryAreCharged()
    {
        using var ana = await _server.PersonAsync();
        using var ben = await _server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        var content = new string('x', 10_000);
        for (var i = 0; i < 6; i++)
        {
            await ben.SendAsync(group, content);
        }

        // A row and its 10,000 characters are six units of 40,000.
        for (var i = 0; i < 300; i++)
        {
            await ana.GetAsync($"/api/conversations/{group}/messages");
        }

        // A body of 120,000 characters is 1,200.
        var body = $$"""{"x":"{{new string('x', 120_000)}}"}""";
        var left = 0;
        while ((int)(await ana.Http.PostAsync("/api/tasks", new StringContent(body, Encoding.UTF8, "application/json"))).StatusCode != 429)
        {
            Assert.True(++left < 100, "Nothing was ever charged");
        }

        Assert.InRange(left, 20, 25);
    }
}
