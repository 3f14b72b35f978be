using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Accounts;

/// <summary>A login is a session: its token is renewed, and all its tokens end with it.</summary>
public abstract class SessionTests(Store store) : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = new TestServer { Store = store, Clock = _clock };
        if (_server.CanStart)
        {
            await _server.StartAsync();
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task GoodTokenIsExchangedForAFreshOne()
    {
        // Every timer of the server runs in the time that is skipped: short lives keep the test short.
        await StartAsync("--Accounts:TokenLifetime", "01:00:00");
        using var person = await _server.PersonAsync();
        _clock.Advance(TimeSpan.FromMinutes(30));

        var answer = await RenewAsync(person.Token);

        var fresh = answer.Text("token");
        Assert.Equal(["token"], answer.Fields());
        var (old, claims) = (Jwt.Payload(person.Token), Jwt.Payload(fresh));
        Assert.Equal(old.Fields().Order(), claims.Fields().Order());
        Assert.Equal((old.Text("sub"), old.Text("username")), (claims.Text("sub"), claims.Text("username")));
        Assert.Equal(old["exp"]!.GetValue<long>() + (30 * 60), claims["exp"]!.GetValue<long>());
        await AssertAsync(200, fresh);
        // The old one is good until it expires.
        await AssertAsync(200, person.Token);
        _clock.Advance(TimeSpan.FromMinutes(31));
        await AssertAsync(401, person.Token);
        await AssertAsync(200, fresh);
    }

    [Fact]
    public async Task RenewalEndsWithTheSession()
    {
        await StartAsync("--Accounts:TokenLifetime", "00:10:00", "--Accounts:SessionLifetime", "01:00:00");
        using var person = await _server.PersonAsync();
        var token = person.Token;
        for (var minutes = 0; minutes < 60; minutes += 8)
        {
            token = (await RenewAsync(token)).Text("token");
            _clock.Advance(TimeSpan.FromMinutes(8));
        }

        await AssertAsync(401, token);
        var end = Jwt.Payload(token)["exp"]!.GetValue<long>() - Jwt.Payload(person.Token)["iat"]!.GetValue<long>();
        Assert.Equal(60 * 60, end);
        Assert.Equal(401, (int)(await PostAsync(token, "/api/token")).StatusCode);
    }

    [Fact]
    public async Task RenewalsAtOnceGetTheSameToken()
    {
        using var person = await _server.PersonAsync();
        _clock.Advance(TimeSpan.FromHours(1));

        var tokens = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => (await RenewAsync(person.Token)).Text("token")));

        Assert.Single(tokens.Select(token => Jwt.Payload(token).Text("jti")).Distinct());
        Assert.NotEqual(Jwt.Payload(person.Token).Text("jti"), Jwt.Payload(tokens[0]).Text("jti"));
    }

    [Fact]
    public async Task LogoutEndsEveryTokenOfTheSessionAndNoOther()
    {
        using var phone = await _server.PersonAsync();
        using var laptop = await phone.AgainAsync();
        _clock.Advance(TimeSpan.FromHours(1));
        var fresh = (await RenewAsync(phone.Token)).Text("token");
        await using var socket = await RawClient.ConnectAsync(_server, fresh);
        await using var old = await phone.ConnectAsync();

        await (await PostAsync(fresh, "/api/logout")).ReadAsync(200);

        await AssertAsync(401, fresh);
        await AssertAsync(401, phone.Token);
        await AssertAsync(200, laptop.Token);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(4401, await socket.ReceiveCloseAsync());
        Assert.Equal(4401, await old.ReceiveCloseAsync());
        Assert.Single((await laptop.GetAsync("/api/sessions")).AsArray());
    }

    [Fact]
    public async Task SessionsAreListedWithTheirClients()
    {
        using var phone = await _server.PersonAsync();
        using var stranger = await _server.PersonAsync();
        using var http = _server.Anonymous();
        http.DefaultRequestHeaders.UserAgent.ParseAdd("Laptop/1.0 " + new string('x', 300));
        _clock.Advance(TimeSpan.FromHours(1));
        var loggedIn = await (await http.PostAsJsonAsync("/api/login", new { username = phone.Name, password = Person.Password })).ReadAsync(200);
        await RenewAsync(loggedIn.Text("token"));

        var sessions = (await phone.GetAsync("/api/sessions")).AsArray();

        Assert.Equal(2, sessions.Count);
        Assert.Equal([true, false], sessions.Select(session => session!["current"]!.GetValue<bool>()));
        var laptop = sessions[1]!;
        Assert.Equal(["id", "created_at", "last_seen_at", "address", "user_agent", "current"], laptop.Fields());
        Assert.Equal("Laptop/1.0 " + new string('x', 245), laptop.Text("user_agent"));
        Assert.Equal("127.0.0.1", laptop.Text("address"));
        Assert.Equal(TimeSpan.FromHours(1), Rest.IsTime(laptop.Text("created_at")) - Rest.IsTime(sessions[0]!.Text("created_at")));
        Assert.Single((await stranger.GetAsync("/api/sessions")).AsArray());
    }

    [Fact]
    public async Task EndedSessionClosesItsSocketsWithin2Seconds()
    {
        using var phone = await _server.PersonAsync();
        using var laptop = await phone.AgainAsync();
        await using var raw = await laptop.ConnectAsync();
        await using var hub = await HubClient.ConnectAsync(_server, laptop.Token);
        await using var own = await phone.ConnectAsync();
        var closed = hub.ClosedAsync();
        var other = (await phone.GetAsync("/api/sessions")).AsArray().Single(session => !session!["current"]!.GetValue<bool>())!;

        await (await phone.Http.DeleteAsync("/api/sessions/" + other.Text("id"))).ReadAsync(200);

        await AssertAsync(401, laptop.Token);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(4401, await raw.ReceiveCloseAsync());
        await closed;
        await own.PingAsync();
        Assert.Single((await phone.GetAsync("/api/sessions")).AsArray());
    }

    [Fact]
    public async Task SessionOfAnotherUserCannotBeEnded()
    {
        using var ana = await _server.PersonAsync();
        using var ben = await _server.PersonAsync();
        var session = (await ana.GetAsync("/api/sessions"))[0]!.Text("id");

        foreach (var id in new[] { session, Guid.NewGuid().ToString(), "anything" })
        {
            await (await ben.Http.DeleteAsync("/api/sessions/" + id)).ReadProblemAsync(404, ErrorCodes.NotFound);
        }

        await AssertAsync(200, ana.Token);
    }

    [Fact]
    public async Task LastSeenIsStoredOnceAMinute()
    {
        using var ana = await _server.PersonAsync();
        using var ben = await _server.PersonAsync();
        using var idle = await _server.PersonAsync();
        var begun = Rest.IsTime((await ana.GetAsync("/api/sessions"))[0]!.Text("last_seen_at"));
        await using var socket = await ben.ConnectAsync();
        await socket.PingAsync();

        for (var minute = 1; minute <= 5; minute++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
            await socket.PingAsync();
        }

        // Ben is connected, Ana makes a call. The clock stands: what is stored is the time of the last round.
        Assert.Equal(TimeSpan.FromMinutes(5), await SeenAfterAsync(ben, begun, TimeSpan.FromMinutes(5)));
        await ana.GetAsync("/api/tasks");
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.FromMinutes(6), await SeenAfterAsync(ana, begun, TimeSpan.FromMinutes(6)));
        Assert.Equal(TimeSpan.Zero, await SeenAfterAsync(idle, begun, TimeSpan.Zero));
    }

    [Fact]
    public async Task NewPasswordEndsOtherSessionsAndOtherTokensOfThisOne()
    {
        using var phone = await _server.PersonAsync();
        using var laptop = await phone.AgainAsync();
        _clock.Advance(TimeSpan.FromHours(1));
        var fresh = (await RenewAsync(phone.Token)).Text("token");

        await (await PostAsync(fresh, "/api/password", new { old_password = Person.Password, new_password = "battery staple" })).ReadAsync(200);

        await AssertAsync(200, fresh);
        await AssertAsync(401, phone.Token);
        await AssertAsync(401, laptop.Token);
        _clock.Advance(TimeSpan.FromHours(1));
        await RenewAsync(fresh);
    }

    /// <summary>Asks until the expected time is stored: a round runs beside the calls.</summary>
    private static async Task<TimeSpan> SeenAfterAsync(Person person, DateTimeOffset begun, TimeSpan expected)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        while (true)
        {
            var seen = Rest.IsTime((await person.GetAsync("/api/sessions"))[0]!.Text("last_seen_at")) - begun;
            if (Math.Abs((seen - expected).TotalSeconds) < 1 || deadline.IsCancellationRequested)
            {
                return TimeSpan.FromMinutes(Math.Round(seen.TotalMinutes));
            }
        }
    }

    private async Task StartAsync(params string[] settings)
    {
        await _server.StopAsync();
        await _server.StartAsync(settings);
    }

    private async Task<JsonNode> RenewAsync(string token) => await (await PostAsync(token, "/api/token")).ReadAsync(200);

    private async Task<HttpResponseMessage> PostAsync(string token, string path, object? body = null)
    {
        using var http = _server.Anonymous();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await http.PostAsync(path, body is null ? null : JsonContent.Create(body));
    }

    private async Task AssertAsync(int status, string token)
    {
        using var http = _server.Anonymous();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        Assert.Equal(status, (int)(await http.GetAsync("/api/tasks")).StatusCode);
    }
}

public sealed class SqliteSessionTests() : SessionTests(Store.Sqlite);

[PostgresTests]
public sealed class PostgresSessionTests() : SessionTests(Store.Postgres);
