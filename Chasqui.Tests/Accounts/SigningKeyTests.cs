using System.Net.Http.Headers;
using Chasqui.Server.Accounts;
using Chasqui.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Accounts;

public abstract class SigningKeyTests(Store store)
{
    [Fact]
    public async Task TheServerMakesA256BitKey()
    {
        await using var server = new TestServer { Store = store };
        await server.StartAsync();

        Assert.Equal(32, Assert.Single(Database.SigningKeys(server)).Length);
    }

    [Fact]
    public async Task ATokenStaysGoodOverARestart()
    {
        await using var server = new TestServer { Store = store };
        await server.StartAsync();
        using var person = await server.PersonAsync();

        await server.StopAsync();
        await server.StartAsync();

        await (await ListTasksAsync(server, person.Token)).ReadAsync(200);
    }

    [Fact]
    public async Task EachServerMakesItsOwnKey()
    {
        await using var one = new TestServer { Store = store };
        await using var other = new TestServer { Store = store };
        await one.StartAsync();
        await other.StartAsync();
        using var person = await one.PersonAsync();

        await (await ListTasksAsync(other, person.Token)).ReadProblemAsync(401, "unauthorized");
    }

    [Fact]
    public async Task AConfiguredKeySignsTheTokensAndNoneIsMade()
    {
        var key = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        await using var server = new TestServer { Store = store };
        await server.StartAsync("--Accounts:SigningKey", Convert.ToBase64String(key));
        using var person = await server.PersonAsync();

        Assert.Equal(person.Token, Jwt.Sign(Jwt.Header(person.Token), Jwt.Payload(person.Token), key));
        Assert.Empty(Database.SigningKeys(server));
    }

    [Fact]
    public async Task TokenHasConfiguredLifetime()
    {
        await using var server = new TestServer { Store = store };
        await server.StartAsync("--Accounts:TokenLifetime", "00:20:00");
        using var person = await server.PersonAsync();

        var claims = Jwt.Payload(person.Token);
        Assert.Equal(1200, claims["exp"]!.GetValue<long>() - claims["iat"]!.GetValue<long>());
    }

    [Fact]
    public async Task TokensOfTheKeyThatWasConfiguredBeforeStayGood()
    {
        string[] keys = [.. Enumerable.Range(1, 3).Select(i => Convert.ToBase64String(Enumerable.Repeat((byte)i, 32).ToArray()))];
        await using var server = new TestServer { Store = store };
        await server.StartAsync("--Accounts:SigningKey", keys[0]);
        using var person = await server.PersonAsync();

        await server.StopAsync();
        await server.StartAsync("--Accounts:SigningKey", keys[1], "--Accounts:PreviousSigningKey", keys[0]);
        await (await ListTasksAsync(server, person.Token)).ReadAsync(200);
        using var newcomer = await server.PersonAsync();
        Assert.NotEqual(Jwt.Header(person.Token).Text("kid"), Jwt.Header(newcomer.Token).Text("kid"));

        await server.StopAsync();
        await server.StartAsync("--Accounts:SigningKey", keys[2], "--Accounts:PreviousSigningKey", keys[1]);
        await (await ListTasksAsync(server, person.Token)).ReadProblemAsync(401, "unauthorized");
        await (await ListTasksAsync(server, newcomer.Token)).ReadAsync(200);
    }

    [Fact]
    public async Task TheNewestKeySignsAlsoWhereTheClockWasSetBack()
    {
        var clock = new TestClock();
        await using var server = new TestServer { Store = store, Clock = clock };
        await server.StartAsync();
        var keys = server.Services.GetRequiredService<SigningKeys>();
        clock.AdjustTime(clock.GetUtcNow().AddDays(-1));

        await keys.RotateAsync(endTokens: false);
        clock.Advance(TimeSpan.FromSeconds(10));
        await keys.ReadAsync(CancellationToken.None);
        await AssertTheNewestSignsAsync(server);

        clock.AdjustTime(clock.GetUtcNow().AddDays(-1));
        await AssertTheNewestSignsAsync(server);
    }

    private static async Task AssertTheNewestSignsAsync(TestServer server)
    {
        using var person = await server.PersonAsync();
        var newest = Database.SigningKeys(server)[0];
        Assert.Equal(person.Token, Jwt.Sign(Jwt.Header(person.Token), Jwt.Payload(person.Token), newest));
    }

    private static async Task<HttpResponseMessage> ListTasksAsync(TestServer server, string token)
    {
        using var http = server.Anonymous();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await http.GetAsync("/api/tasks");
    }
}

public sealed class SqliteSigningKeyTests() : SigningKeyTests(Store.Sqlite);

[PostgresTests]
public sealed class PostgresSigningKeyTests() : SigningKeyTests(Store.Postgres);
