using System.Net.Http.Json;
using System.Net.WebSockets;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Accounts;

public abstract class LogoutTests(TestServer server)
{
    [Fact]
    public async Task LoggingOutEndsThisTokenAndNoOther()
    {
        using var phone = await server.PersonAsync();
        using var laptop = await phone.AgainAsync();

        var answer = await (await phone.PostAsync("/api/logout", new { })).ReadAsync(200);

        Assert.Equal("success", answer.Text("status"));
        await (await phone.Http.GetAsync("/api/tasks")).ReadProblemAsync(401, ErrorCodes.Unauthorized);
        await Assert.ThrowsAsync<WebSocketException>(() => phone.ConnectAsync());
        await laptop.GetAsync("/api/tasks");
    }

    [Fact]
    public async Task LogoutAllEndsEveryTokenOfTheUserOnly()
    {
        using var phone = await server.PersonAsync();
        using var laptop = await phone.AgainAsync();
        using var other = await server.PersonAsync();

        await (await phone.PostAsync("/api/logout/all", new { })).ReadAsync(200);

        await (await phone.Http.GetAsync("/api/tasks")).ReadProblemAsync(401, ErrorCodes.Unauthorized);
        await (await laptop.Http.GetAsync("/api/tasks")).ReadProblemAsync(401, ErrorCodes.Unauthorized);
        await other.GetAsync("/api/tasks");
        using var again = await phone.AgainAsync();
        await again.GetAsync("/api/tasks");
    }

    [Fact]
    public async Task LogoutClosesSocketsOfItsTokenWith4401()
    {
        using var phone = await server.PersonAsync();
        using var laptop = await phone.AgainAsync();
        await using var raw = await phone.ConnectAsync();
        await using var hub = await HubClient.ConnectAsync(server, phone.Token);
        await using var other = await laptop.ConnectAsync();
        var closed = hub.ClosedAsync();

        await (await phone.PostAsync("/api/logout", new { })).ReadAsync(200);

        Assert.Equal(4401, await raw.ReceiveCloseAsync());
        await closed;
        await other.PingAsync();
    }

    [Fact]
    public async Task EndedAndExpiredTokenCloseTheirSocketsWithin2Seconds()
    {
        var clock = new TestClock();
        await using var timed = new TestServer { Store = server.Store, Clock = clock };
        await timed.StartAsync("--Accounts:TokenLifetime", "00:01:00");
        using var phone = await timed.PersonAsync();
        using var laptop = await phone.AgainAsync();
        await using var ended = await phone.ConnectAsync();
        await using var expiring = await laptop.ConnectAsync();
        await ended.PingAsync();
        await expiring.PingAsync();

        await (await phone.PostAsync("/api/logout", new { })).ReadAsync(200);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(4401, await ended.ReceiveCloseAsync());
        await expiring.PingAsync();

        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(4401, await expiring.ReceiveCloseAsync());
    }

    [Fact]
    public async Task AnEndedTokenStaysEndedOverARestart()
    {
        await using var restarted = new TestServer { Store = server.Store };
        await restarted.StartAsync();
        using var person = await restarted.PersonAsync();
        await (await person.PostAsync("/api/logout", new { })).ReadAsync(200);

        await restarted.StopAsync();
        await restarted.StartAsync();

        using var later = person.On(restarted);
        await (await later.Http.GetAsync("/api/tasks")).ReadProblemAsync(401, ErrorCodes.Unauthorized);
    }

    [Fact]
    public async Task ASocketClosesWith4401WhenItsTokenExpires()
    {
        var clock = new TestClock();
        await using var brief = new TestServer { Store = server.Store, Clock = clock };
        await brief.StartAsync("--Accounts:TokenLifetime", "00:01:00");
        using var person = await brief.PersonAsync();
        await using var raw = await person.ConnectAsync();
        await using var hub = await HubClient.ConnectAsync(brief, person.Token);
        clock.Advance(TimeSpan.FromSeconds(30));
        using var later = await person.AgainAsync();
        await using var other = await later.ConnectAsync();
        var closed = hub.ClosedAsync();
        await raw.PingAsync();

        clock.Advance(TimeSpan.FromSeconds(32));

        Assert.Equal(4401, await raw.ReceiveCloseAsync());
        await closed;
        await other.PingAsync();
        await (await person.Http.GetAsync("/api/tasks")).ReadProblemAsync(401, ErrorCodes.Unauthorized);
    }

    [Fact]
    public async Task ChangingThePasswordEndsEveryOtherToken()
    {
        using var phone = await server.PersonAsync();
        using var laptop = await phone.AgainAsync();
        await using var socket = await laptop.ConnectAsync();

        await (await phone.PostAsync("/api/password", new { old_password = Person.Password, new_password = "battery staple" })).ReadAsync(200);

        await phone.GetAsync("/api/tasks");
        await (await laptop.Http.GetAsync("/api/tasks")).ReadProblemAsync(401, ErrorCodes.Unauthorized);
        Assert.Equal(4401, await socket.ReceiveCloseAsync());
        using var http = server.Anonymous();
        var old = await http.PostAsJsonAsync("/api/login", new { username = phone.Name, password = Person.Password });
        await old.ReadProblemAsync(401, ErrorCodes.InvalidCredentials);
        using var again = await phone.AgainAsync("battery staple");
    }

    [Theory]
    [InlineData("wrong password", "battery staple", 403, ErrorCodes.WrongPassword)]
    [InlineData(Person.Password, "short", 400, ErrorCodes.InvalidField)]
    [InlineData(Person.Password, null, 400, ErrorCodes.InvalidField)]
    [InlineData(null, "battery staple", 400, ErrorCodes.InvalidField)]
    public async Task RefusedPasswordChangeChangesNothing(string? old, string? changed, int status, string code)
    {
        using var person = await server.PersonAsync();
        using var laptop = await person.AgainAsync();

        await (await person.PostAsync("/api/password", new { old_password = old, new_password = changed })).ReadProblemAsync(status, code);

        await laptop.GetAsync("/api/tasks");
        using var again = await person.AgainAsync();
    }
}

public sealed class SqliteLogoutTests(TestServer server) : LogoutTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresLogoutTests(PostgresServer server) : LogoutTests(server), IClassFixture<PostgresServer>;
