using System.Net.Http.Json;
using Chasqui.Server.Accounts;
using Chasqui.Tests.Support;
using Dapper;

namespace Chasqui.Tests.Accounts;

public abstract class LoginTests(TestServer server) : IDisposable
{
    private readonly HttpClient _http = server.Anonymous();

    [Fact]
    public async Task TheUsernameLogsIn()
    {
        using var person = await server.PersonAsync();
        var answer = await (await LoginAsync(new { username = person.Name, password = Person.Password })).ReadAsync(200);

        Assert.Equal(["token"], answer.Fields());
        Assert.Equal(person.Id, "user:" + Jwt.Payload(answer.Text("token")).Text("sub"));
    }

    [Fact]
    public async Task TheEmailLogsIn()
    {
        using var person = await server.PersonAsync();
        var answer = await (await LoginAsync(new { email = person.Email, password = Person.Password })).ReadAsync(200);

        Assert.Equal(person.Id, "user:" + Jwt.Payload(answer.Text("token")).Text("sub"));
    }

    [Fact]
    public async Task NameAndEmailLogInWhateverTheirCase()
    {
        using var person = await server.PersonAsync();

        await (await LoginAsync(new { username = person.Name.ToUpperInvariant(), password = Person.Password })).ReadAsync(200);
        await (await LoginAsync(new { email = person.Email.ToUpperInvariant(), password = Person.Password })).ReadAsync(200);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"password":"correct horse"}""")]
    [InlineData("""{"username":null,"email":null,"password":"correct horse"}""")]
    [InlineData("""{"username":"","email":" ","password":"correct horse"}""")]
    public async Task WithoutNameAndEmailLoggingInIsABadRequest(string body) =>
        await (await _http.PostAsync("/api/login", Rest.Json(body))).ReadProblemAsync(400, "invalid_field");

    [Theory]
    [InlineData("""{"username":"anna"}""")]
    [InlineData("""{"username":"anna","password":null}""")]
    [InlineData("""{"email":"anna@example.org","password":""}""")]
    public async Task WithoutAPasswordLoggingInIsABadRequest(string body)
    {
        var problem = await (await _http.PostAsync("/api/login", Rest.Json(body))).ReadProblemAsync(400, "invalid_field");
        Assert.Contains("password", problem.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnUnknownAccountAndAWrongPasswordGetTheSameAnswer()
    {
        using var person = await server.PersonAsync();
        object[] attempts =
        [
            new { username = person.Name, password = "wrong horse" },
            new { username = Names.Next(), password = Person.Password },
            new { email = person.Email, password = "wrong horse" },
            new { email = $"{Names.Next()}@example.org", password = Person.Password },
        ];

        var answers = new List<(string Body, string Headers)>();
        foreach (var attempt in attempts)
        {
            var answer = await LoginAsync(attempt);
            await answer.ReadProblemAsync(401, "invalid_credentials");
            answer.Headers.Date = null;
            answers.Add((await answer.Content.ReadAsStringAsync(), $"{answer.Headers}{answer.Content.Headers}"));
        }

        Assert.Single(answers.Distinct());
    }

    [Theory]
    [InlineData("\uFFFE")]
    [InlineData("\uFFFF")]
    [InlineData("\0")]
    [InlineData("' OR 1=1 --")]
    [InlineData("😀")]
    public async Task InvalidNameIsUnknownAccount(string name)
    {
        await (await LoginAsync(new { username = name, password = Person.Password })).ReadProblemAsync(401, "invalid_credentials");
        await (await LoginAsync(new { email = name, password = Person.Password })).ReadProblemAsync(401, "invalid_credentials");
    }

    [Fact]
    public async Task PasswordLongerThan72BytesIsWrong()
    {
        var name = Names.Next();
        var password = new string('x', 72);
        await (await _http.PostAsJsonAsync("/api/register", new { username = name, email = $"{name}@example.org", password }))
            .ReadAsync(200);

        await (await LoginAsync(new { username = name, password })).ReadAsync(200);
        await (await LoginAsync(new { username = name, password = password + "y" })).ReadProblemAsync(401, "invalid_credentials");
    }

    [Fact]
    public async Task PasswordWithNulIsWrongAtSameCost()
    {
        using var person = await server.PersonAsync();
        // bcrypt takes it for the same one.
        var twice = $"{Person.Password}\0{Person.Password}";
        using var hashes = new Measurements(server, PasswordHashQueue.Instrument, PasswordHashQueue.OperationTag);

        await (await LoginAsync(new { username = person.Name, password = twice })).ReadProblemAsync(401, "invalid_credentials");

        Assert.Equal(["verify"], hashes.Take());
        await (await person.PostAsync("/api/password", new { old_password = twice, new_password = "battery staple" }))
            .ReadProblemAsync(403, "wrong_password");
        await (await person.PostAsync("/api/password", new { old_password = Person.Password, new_password = twice }))
            .ReadProblemAsync(400, "invalid_field");
    }

    [Fact]
    public async Task AccountWithInvisibleCharacterFromEarlierVersionLogsIn()
    {
        using var person = await server.PersonAsync();
        var (name, email) = ($"{person.Name}\u3164", $"\u202e{person.Email}");
        await using (var database = server.OpenDatabase())
        {
            await database.ExecuteAsync(
                "UPDATE users SET username = @name, username_key = @nameKey, email = @email, email_key = @emailKey WHERE username = @was",
                new { name, nameKey = AccountRules.Key(name), email, emailKey = AccountRules.Key(email), was = person.Name });
        }

        await (await LoginAsync(new { username = name, password = Person.Password })).ReadAsync(200);
        await (await LoginAsync(new { email, password = Person.Password })).ReadAsync(200);
    }

    [Fact]
    public void ANameThatIsLongerThanAnyIsNotFolded()
    {
        // Each mark has to find its place among all the others: 60 KB of them once took seconds.
        var marks = string.Concat(Enumerable.Repeat("\u0301\u0316", 128));

        Assert.Same(marks, AccountRules.Key(marks));
        Assert.Equal("\u00e1\u0316", AccountRules.Key("A\u0301\u0316"));
    }

    [Fact]
    public async Task APasswordIsStoredAsBcrypt()
    {
        using var person = await server.PersonAsync();
        await using var database = server.OpenDatabase();
        var hash = await database.ExecuteScalarAsync<string>("SELECT password_hash FROM users WHERE username = @Name", new { person.Name });

        Assert.StartsWith("$2", hash, StringComparison.Ordinal);
        Assert.True(BCrypt.Net.BCrypt.Verify(Person.Password, hash));
    }

    public void Dispose()
    {
        _http.Dispose();
        GC.SuppressFinalize(this);
    }

    private Task<HttpResponseMessage> LoginAsync(object body) => _http.PostAsJsonAsync("/api/login", body);
}

public sealed class SqliteLoginTests(TestServer server) : LoginTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresLoginTests(PostgresServer server) : LoginTests(server), IClassFixture<PostgresServer>;
