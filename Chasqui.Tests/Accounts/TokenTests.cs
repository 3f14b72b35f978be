using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace Chasqui.Tests.Accounts;

public abstract class TokenTests(TestServer server)
{
    private byte[] Key => Database.SigningKeys(server)[0];

    [Fact]
    public async Task ATokenHasTheDocumentedClaims()
    {
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        using var person = await server.PersonAsync();
        var after = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

        Assert.Equal("HS256", Jwt.Header(person.Token).Text("alg"));
        var claims = Jwt.Payload(person.Token);
        Assert.Equal(person.Id, "user:" + claims.Text("sub"));
        Assert.Equal(person.Name, claims.Text("username"));
        Assert.Equal(["user"], claims.Strings("roles"));
        Assert.InRange(claims["iat"]!.GetValue<long>(), before, after);
        Assert.Equal(claims["iat"]!.GetValue<long>() + (24 * 60 * 60), claims["exp"]!.GetValue<long>());
        Assert.NotEmpty(claims.Text("iss"));
        Assert.NotEmpty(claims.Text("aud"));
    }

    [Fact]
    public async Task ATokenSignedAnewWithTheSameKeyIsGood()
    {
        // So that the refusals below are for what they change, and not for how they are signed.
        using var person = await server.PersonAsync();
        await AssertAsync(200, Jwt.With(person.Token, "username", "somebody", Key));
    }

    [Fact]
    public async Task AnExpiredTokenIsRefused()
    {
        using var person = await server.PersonAsync();
        await AssertAsync(401, ExpiredToken.For(server, person));
    }

    [Theory]
    [InlineData("exp", null)]
    [InlineData("aud", "another")]
    [InlineData("aud", null)]
    [InlineData("iss", "another")]
    [InlineData("iss", null)]
    [InlineData("sub", "not a uuid")]
    [InlineData("sub", null)]
    [InlineData("sub", "0199b1e4-6c00-7d3a-8f21-3c5a9e7b1d02")] // well-formed, of an unknown user
    [InlineData("jti", "0199b1e4-6c00-7d3a-8f21-3c5a9e7b1d02")]
    [InlineData("jti", null)]
    public async Task ATokenWithAWrongClaimIsRefused(string claim, string? value)
    {
        using var person = await server.PersonAsync();
        await AssertAsync(401, Jwt.With(person.Token, claim, value, Key));
    }

    [Theory]
    [InlineData("exp", "\"4102444800\"")]
    [InlineData("exp", "4102444800.0")]
    [InlineData("exp", "41024448e2")]
    [InlineData("exp", "true")]
    [InlineData("exp", "[4102444800]")]
    [InlineData("nbf", "\"0\"")]
    [InlineData("iat", "\"0\"")]
    public async Task ATokenWithATimeThatIsNoWholeNumberIsRefused(string claim, string value)
    {
        using var person = await server.PersonAsync();
        await AssertAsync(401, Jwt.With(person.Token, claim, JsonNode.Parse(value), Key));
    }

    [Fact]
    public async Task ATokenWithAClaimTwiceIsRefused()
    {
        using var person = await server.PersonAsync();
        var payload = Jwt.Payload(person.Token).ToJsonString();
        await AssertAsync(200, Jwt.Sign(Jwt.Header(person.Token), payload, Key));
        await AssertAsync(401, Jwt.Sign(Jwt.Header(person.Token), payload[..^1] + ",\"exp\":4102444800}", Key));
    }

    [Fact]
    public async Task ATokenOfAnotherKeyIsRefused()
    {
        using var person = await server.PersonAsync();
        await AssertAsync(401, Jwt.Sign(Jwt.Header(person.Token), Jwt.Payload(person.Token), new byte[32]));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    public async Task ATokenWithoutASignatureIsRefused(string algorithm)
    {
        using var person = await server.PersonAsync();
        await AssertAsync(401, Jwt.WithoutSignature(new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT" }, Jwt.Payload(person.Token)));
    }

    [Fact]
    public async Task ATokenOfAnotherAlgorithmIsRefused()
    {
        using var person = await server.PersonAsync();
        await AssertAsync(401, Jwt.Sign(new JsonObject { ["alg"] = "HS512", ["typ"] = "JWT" }, Jwt.Payload(person.Token), Key));
    }

    [Theory]
    [InlineData("crit", "exp")]
    [InlineData("kid", "another")]
    [InlineData("kid", null)]
    [InlineData("typ", "at+jwt")]
    public async Task ATokenWithAWrongHeaderIsRefused(string field, string? value)
    {
        using var person = await server.PersonAsync();
        var header = Jwt.Header(person.Token).AsObject();
        header[field] = field == "crit" ? new JsonArray(value) : value;
        await AssertAsync(401, Jwt.Sign(header, Jwt.Payload(person.Token), Key));
    }

    [Fact]
    public async Task TokenWithAnotherUsernameIsRefused()
    {
        using var person = await server.PersonAsync();
        using var other = await server.PersonAsync();
        await AssertAsync(401, Jwt.With(person.Token, "sub", Jwt.Payload(other.Token).Text("sub"), Key));
    }

    [Fact]
    public async Task ATokenThatWasTamperedWithIsRefused()
    {
        using var person = await server.PersonAsync();
        using var other = await server.PersonAsync();
        var (mine, theirs) = (person.Token.Split('.'), other.Token.Split('.'));
        await AssertAsync(401, $"{mine[0]}.{theirs[1]}.{mine[2]}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("a.b.c")]
    [InlineData("..")]
    public async Task InvalidTokenIsRefused(string token) => await AssertAsync(401, token);

    [Fact]
    public async Task ATokenInTheQueryIsNotReadByRest()
    {
        using var person = await server.PersonAsync();
        using var http = server.Anonymous();
        await (await http.GetAsync($"/api/tasks?token={person.Token}&access_token={person.Token}")).ReadProblemAsync(401, "unauthorized");
    }

    [Fact]
    public async Task DisconnectDuringTokenCheckIsNoError()
    {
        using var person = await server.PersonAsync();
        var gone = new DefaultHttpContext { RequestServices = server.Services, RequestAborted = new CancellationToken(canceled: true) };
        gone.Request.Headers.Authorization = "Bearer " + person.Token;

        // An exception in here is one that the framework has put into the log, with all its stack.
        Assert.True((await gone.AuthenticateAsync()).Succeeded);
    }

    private async Task AssertAsync(int status, string token)
    {
        using var http = server.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/tasks");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var answer = await http.SendAsync(request);
        if (status == 401)
        {
            await answer.ReadProblemAsync(401, "unauthorized");
        }
        else
        {
            await answer.ReadAsync(status);
        }
    }
}

public sealed class SqliteTokenTests(TestServer server) : TokenTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresTokenTests(PostgresServer server) : TokenTests(server), IClassFixture<PostgresServer>;
