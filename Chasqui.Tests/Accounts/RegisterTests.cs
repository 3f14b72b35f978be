using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Accounts;

public abstract class RegisterTests(TestServer server) : IDisposable
{
    private readonly HttpClient _http = server.Anonymous();

    [Fact]
    public async Task RegisteringAnswersExactlyWhatIsDocumented()
    {
        var answer = await (await RegisterAsync(Names.Next())).ReadAsync(200);

        Assert.Equal("success", answer.Text("create"));
        Assert.Equal("User created successfully", answer.Text("message"));
        Rest.IsId("user:", answer.Text("id"));
        Assert.Equal(3, answer.AsObject().Count);
    }

    [Theory]
    [InlineData("Åsa")]
    [InlineData("Жанна")]
    [InlineData("王小明")]
    [InlineData("سلمى")]
    [InlineData("हिन्दी")]
    [InlineData("한글")]
    [InlineData("𐐀𐐁𐐂")]
    public async Task AUsernameHasLettersOfAnyScript(string username) =>
        await (await RegisterAsync(username, $"{Names.Next()}@example.org")).ReadAsync(200);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(" anna")]
    [InlineData("anna b")]
    [InlineData("anna1")]
    [InlineData("anna_b")]
    [InlineData("anna-b")]
    [InlineData("anna.b")]
    [InlineData("anna@b")]
    [InlineData("anna\n")]
    [InlineData("anna\0")]
    [InlineData("anna\u200d")]
    [InlineData("\u0301anna")]
    [InlineData("anna\u034f")]
    [InlineData("an\u115fna")]
    [InlineData("\u1160anna")]
    [InlineData("anna\u17b4")]
    [InlineData("anna\u180b")]
    [InlineData("anna\u3164")]
    [InlineData("anna\ufe0f")]
    [InlineData("anna\uffa0")]
    [InlineData("anna\U00016fe4")]
    [InlineData("anna\U000e0101")]
    [InlineData("😀")]
    public async Task AUsernameWithAnythingButLettersIsRefused(string username)
    {
        var problem = await (await RegisterAsync(username, $"{Names.Next()}@example.org")).ReadProblemAsync(400, "invalid_field");
        Assert.Contains("username", problem.Text("message"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("b")]
    [InlineData("ж")]
    [InlineData("𐐀")]
    public async Task AUsernameHasAtMost64Characters(string letter)
    {
        var longest = string.Concat(Enumerable.Repeat(letter, 64));
        await (await RegisterAsync(longest, $"{Names.Next()}@example.org")).ReadAsync(200);
        await (await RegisterAsync(longest + letter, $"{Names.Next()}@example.org")).ReadProblemAsync(400, "invalid_field");
    }

    [Theory]
    [InlineData("Grace", "gRACE")]
    [InlineData("ЖУК", "жук")]
    [InlineData("Ωμέγας", "ΩΜΈΓΑΣ")]
    [InlineData("Zo\u00eb", "ZOE\u0308")]
    public async Task UsernameIsUniqueIgnoringCase(string username, string again)
    {
        await (await RegisterAsync(username, $"{Names.Next()}@example.org")).ReadAsync(200);
        await (await RegisterAsync(again, $"{Names.Next()}@example.org")).ReadProblemAsync(409, "username_taken");
    }

    [Theory]
    [InlineData("Anna.Maria@Example.org")]
    [InlineData("o'hara+chat@mail.example.co.uk")]
    [InlineData("joão@exämple.org")]
    public async Task AnEmailIsAnyValidAddress(string email) => await (await RegisterAsync(Names.Next(), email)).ReadAsync(200);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("anna")]
    [InlineData("anna@")]
    [InlineData("@example.org")]
    [InlineData("anna@@example.org")]
    [InlineData("a@example.org,b@example.org")]
    [InlineData("a@example.org b@example.org")]
    [InlineData("Anna <anna@example.org>")]
    [InlineData("<anna@example.org>")]
    [InlineData(" anna@example.org")]
    [InlineData("anna@example.org ")]
    [InlineData("an na@example.org")]
    [InlineData("anna@exam ple.org")]
    [InlineData("anna@example..org")]
    [InlineData("anna@example.org\0")]
    [InlineData("an\u200bna@example.org")]
    [InlineData("\u202eanna@example.org")]
    [InlineData("anna\u2066@example.org")]
    [InlineData("anna@exam\u00adple.org")]
    [InlineData("an\u3164na@example.org")]
    [InlineData("anna\ufe0f@example.org")]
    [InlineData("anna@example.org\r\nBcc: b@example.org")]
    public async Task AnEmailThatIsNotOneValidAddressIsRefused(string email)
    {
        var problem = await (await RegisterAsync(Names.Next(), email)).ReadProblemAsync(400, "invalid_field");
        Assert.Contains("email", problem.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EmailIsUniqueIgnoringCase()
    {
        var name = Names.Next();
        await (await RegisterAsync(name, $"{name}@example.org")).ReadAsync(200);
        await (await RegisterAsync(Names.Next(), $"{name.ToUpperInvariant()}@EXAMPLE.org")).ReadProblemAsync(409, "email_taken");
    }

    [Fact]
    public async Task ConcurrentRegistrationsOfOneNameSucceedOnce()
    {
        var name = Names.Next();
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => RegisterAsync(name, $"{Names.Next()}@example.org")));

        Assert.Single(answers, answer => (int)answer.StatusCode == 200);
        Assert.Equal(9, answers.Count(answer => (int)answer.StatusCode == 409));
    }

    [Theory]
    [InlineData("12345678")]
    [InlineData("пароль😀😀")]
    [InlineData("        ")]
    public async Task APasswordOfEightCharactersIsEnough(string password) =>
        await (await RegisterAsync(Names.Next(), password: password)).ReadAsync(200);

    [Theory]
    [InlineData("")]
    [InlineData("1234567")]
    [InlineData("😀😀😀😀")]
    [InlineData("correct\0horse")]
    [InlineData("\0\0\0\0\0\0\0\0")]
    public async Task APasswordThatIsShorterOrHoldsANulIsRefused(string password)
    {
        var problem = await (await RegisterAsync(Names.Next(), password: password)).ReadProblemAsync(400, "invalid_field");
        Assert.Contains("password", problem.Text("message"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x", 72)]
    [InlineData("ж", 36)]
    [InlineData("語", 24)]
    [InlineData("😀", 18)]
    public async Task APasswordHasAtMost72Bytes(string character, int most)
    {
        var longest = string.Concat(Enumerable.Repeat(character, most));
        await (await RegisterAsync(Names.Next(), password: longest)).ReadAsync(200);
        await (await RegisterAsync(Names.Next(), password: longest + "x")).ReadProblemAsync(400, "invalid_field");
    }

    [Theory]
    [InlineData("username")]
    [InlineData("email")]
    [InlineData("password")]
    public async Task AMissingOrMistypedFieldIsRefusedByName(string field)
    {
        foreach (var wrong in new JsonNode?[] { null, 42, true, new JsonArray("x"), new JsonObject() })
        {
            var name = Names.Next();
            var body = new JsonObject
            {
                ["username"] = name,
                ["email"] = $"{name}@example.org",
                ["password"] = Person.Password,
                [field] = wrong,
            };
            var problem = await (await _http.PostAsJsonAsync("/api/register", body)).ReadProblemAsync(400, "invalid_field");
            Assert.Contains($"'{field}'", problem.Text("message"), StringComparison.Ordinal);

            body.Remove(field);
            problem = await (await _http.PostAsJsonAsync("/api/register", body)).ReadProblemAsync(400, "invalid_field");
            Assert.Contains($"'{field}'", problem.Text("message"), StringComparison.Ordinal);
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        GC.SuppressFinalize(this);
    }

    private Task<HttpResponseMessage> RegisterAsync(string username, string? email = null, string password = Person.Password) =>
        _http.PostAsJsonAsync("/api/register", new { username, email = email ?? $"{username}@example.org", password });
}

public sealed class SqliteRegisterTests(TestServer server) : RegisterTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresRegisterTests(PostgresServer server) : RegisterTests(server), IClassFixture<PostgresServer>;
