using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using Chasqui.Protocol;
using Chasqui.Tests.Support;
using Dapper;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;

namespace Chasqui.Tests.Accounts;

public abstract class TicketTests(TestServer server)
{
    [Fact]
    public async Task ATicketOpensOneSocketInTheNameOfItsOwner()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var talk = await ana.OpenGroupAsync(ben);
        var answer = await (await ana.PostAsync("/api/ws/ticket", new { })).ReadAsync(200);
        Assert.Equal(30, answer["expires_in"]!.GetValue<int>());

        await using var socket = await ConnectAsync(answer.Text("ticket"));
        await socket.JoinAsync(talk);
        await socket.SendAsync(new { type = "message", conversation_id = talk, content = "hi" });

        Assert.Equal(ana.Id, (await socket.ReceiveAsync("NewMessage"))["message"]!.Text("sender_id"));
    }

    [Fact]
    public async Task ATicketIsGoodForOneHandshakeOnly()
    {
        using var ana = await server.PersonAsync();
        var ticket = await TicketAsync(ana);
        await using var socket = await ConnectAsync(ticket);

        await AssertRefusedAsync(ticket);
    }

    [Fact]
    public async Task TwoHandshakesAtOnceCannotShareATicket()
    {
        using var ana = await server.PersonAsync();
        var ticket = await TicketAsync(ana);

        var handshakes = Enumerable.Range(0, 8).Select(async _ =>
        {
            try
            {
                await using var socket = await ConnectAsync(ticket);
                return 1;
            }
            catch (WebSocketException)
            {
                return 0;
            }
        });

        Assert.Equal(1, (await Task.WhenAll(handshakes)).Sum());
    }

    [Fact]
    public async Task ATicketIsForgottenAfterItsTime()
    {
        using var ana = await server.PersonAsync();
        var ticket = await TicketAsync(ana);
        using (var database = server.OpenDatabase())
        {
            var left = await database.ExecuteScalarAsync<long>("SELECT MAX(expires_at) FROM tickets") - DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            Assert.InRange(left, 1, 30_000);
            await database.ExecuteAsync("UPDATE tickets SET expires_at = expires_at - 30000");
        }

        await AssertRefusedAsync(ticket);
    }

    [Fact]
    public async Task ATicketOpensNothingOnceTheTokenBehindItHasExpired()
    {
        await using var own = new TestServer { Store = server.Store };
        await own.StartAsync();
        using var ana = await own.PersonAsync();
        var ticket = await TicketAsync(ana);
        using (var database = own.OpenDatabase())
        {
            await database.ExecuteAsync("UPDATE tokens SET expires_at = @now", new { now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() });
        }

        await AssertRefusedAsync(ticket, own);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("%00")]
    public async Task InvalidTicketIsRefused(string ticket) => await AssertRefusedAsync(ticket);

    [Fact]
    public async Task ATicketIsGoodForSocketsOnlyAndARequestThatOpensNoneDoesNotUseItUp()
    {
        using var ana = await server.PersonAsync();
        var ticket = await TicketAsync(ana);
        using var http = server.Anonymous();

        await (await http.GetAsync($"/api/tasks?ticket={ticket}")).ReadProblemAsync(401, ErrorCodes.Unauthorized);
        await (await http.GetAsync($"/api/ws/chat?ticket={ticket}")).ReadProblemAsync(401, ErrorCodes.Unauthorized);

        await using var socket = await ConnectAsync(ticket);
    }

    [Fact]
    public async Task ASocketOpenedWithATicketClosesWhenTheTokenBehindItIsEnded()
    {
        using var ana = await server.PersonAsync();
        await using var socket = await ConnectAsync(await TicketAsync(ana));
        var unused = await TicketAsync(ana);

        await (await ana.PostAsync("/api/logout", new { })).ReadAsync(200);

        Assert.Equal(4401, await socket.ReceiveCloseAsync());
        await AssertRefusedAsync(unused);
    }

    [Fact]
    public async Task ASocketOpenedWithATicketClosesWhenTheTokenBehindItExpires()
    {
        var clock = new TestClock();
        await using var brief = new TestServer { Store = server.Store, Clock = clock };
        await brief.StartAsync("--Accounts:TokenLifetime", "00:01:00");
        using var ana = await brief.PersonAsync();
        await using var socket = await RawClient.ConnectAsync(new Uri($"{brief.WebSocketUrl}/api/ws/chat?ticket={await TicketAsync(ana)}"));
        await socket.PingAsync();

        clock.Advance(TimeSpan.FromSeconds(62));

        Assert.Equal(4401, await socket.ReceiveCloseAsync());
    }

    [Fact]
    public async Task ATicketOpensAHubConnectionThatSkipsTheNegotiation()
    {
        using var ana = await server.PersonAsync();
        await using var hub = new HubConnectionBuilder()
            .WithUrl($"{server.Url}/hubs/chat?ticket={await TicketAsync(ana)}", HttpTransportType.WebSockets, http => http.SkipNegotiation = true)
            .Build();
        using var deadline = new CancellationTokenSource(RawClient.Deadline);

        await hub.StartAsync(deadline.Token);

        Assert.Equal(HubConnectionState.Connected, hub.State);
    }

    private static async Task<string> TicketAsync(Person person) =>
        (await (await person.PostAsync("/api/ws/ticket", new { })).ReadAsync(200)).Text("ticket");

    private Task<RawClient> ConnectAsync(string ticket, TestServer? to = null) =>
        RawClient.ConnectAsync(new Uri($"{(to ?? server).WebSocketUrl}/api/ws/chat?ticket={ticket}"));

    private async Task AssertRefusedAsync(string ticket, TestServer? by = null)
    {
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(ticket, by));
        Assert.Contains("401", refused.Message, StringComparison.Ordinal);
    }
}

public sealed class SqliteTicketTests(TestServer server) : TicketTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresTicketTests(PostgresServer server) : TicketTests(server), IClassFixture<PostgresServer>;

/// <summary>Tickets in SQLite's file.</summary>
public sealed class TicketFileTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task TicketThatCannotBeRedeemedIsAnswered503WithoutLoggedException()
    {
        using var folder = new TemporaryFolder();
        await using var process = ServerProcess.Start(
            folder.Path, environment: null,
            "--urls", "http://127.0.0.1:0", "--Storage:DataFolder", folder.Path, "--Storage:LockTimeoutSeconds", "1", "--Accounts:BcryptCost", "4");
        var url = await process.UrlAsync();
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        var ana = new { username = "Ana", email = "ana@example.org", password = Person.Password };
        await (await http.PostAsJsonAsync("/api/register", ana)).ReadAsync(200);
        var token = (await (await http.PostAsJsonAsync("/api/login", new { ana.username, ana.password })).ReadAsync(200)).Text("token");
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var ticket = (await (await http.PostAsync("/api/ws/ticket", null)).ReadAsync(200)).Text("ticket");
        http.DefaultRequestHeaders.Authorization = null;
        using (var other = Database.Open(folder.Path))
        {
            await other.ExecuteAsync("BEGIN IMMEDIATE");
            using var refused = await Handshake.SendAsync(http, $"/api/ws/chat?ticket={ticket}");
            var problem = await refused.ReadProblemAsync(503, ErrorCodes.StorageUnavailable);
            Assert.True(problem["retry_after_ms"]!.GetValue<int>() > 0);
            await other.ExecuteAsync("ROLLBACK");
        }

        await using var socket = await RawClient.ConnectAsync(new Uri($"{url.Replace("http", "ws", StringComparison.Ordinal)}/api/ws/chat?ticket={ticket}"));
        await socket.PingAsync();
        await process.TerminateAsync();
        Assert.DoesNotContain("   at ", process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheTicketItselfIsNotInTheDatabase()
    {
        using var ana = await server.PersonAsync();
        var ticket = (await (await ana.PostAsync("/api/ws/ticket", new { })).ReadAsync(200)).Text("ticket");

        foreach (var file in Directory.GetFiles(server.DataFolder, Database.FileName + "*"))
        {
            using var reader = new StreamReader(File.Open(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), Encoding.Latin1);
            Assert.DoesNotContain(ticket, await reader.ReadToEndAsync(), StringComparison.Ordinal);
        }
    }
}
