using System.Net.Http.Json;
using System.Text;
using Chasqui.Tests.Support;
using Dapper;

namespace Chasqui.Tests.Accounts;

/// <summary>Devices send the same letters in different forms: RFC 8265's OpaqueString makes them one password.</summary>
public sealed class PasswordFormTests(TestServer server) : IClassFixture<TestServer>, IDisposable
{
    private const string Composed = "Zoë's naïve façade";
    private const string Hangul = "비밀번호는길어야해";

    private readonly HttpClient _http = server.Anonymous();

    private static string Decomposed => Composed.Normalize(NormalizationForm.FormD);

    public static TheoryData<string, string> Forms => new()
    {
        { Composed, Decomposed },
        { Decomposed, Composed },
        { Hangul, Hangul.Normalize(NormalizationForm.FormD) },
        { Hangul.Normalize(NormalizationForm.FormD), Hangul },
        { "correct\u00a0horse\u3000battery", "correct horse battery" },
        { "correct horse battery", "correct\u2009horse\u2003battery" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task PasswordLogsInInEveryForm(string registered, string typed)
    {
        var name = await RegisterAsync(registered, 200);

        await (await LogInAsync(name, typed)).ReadAsync(200);
        await (await LogInAsync(name, registered)).ReadAsync(200);
        // No compatibility forms: they are other letters.
        await (await LogInAsync(name, typed + "ﬁ")).ReadProblemAsync(401, "invalid_credentials");
    }

    [Fact]
    public async Task ChangedPasswordIsTheSameInEveryForm()
    {
        using var person = await server.PersonAsync();

        await (await person.PostAsync("/api/password", new { old_password = Person.Password, new_password = Decomposed })).ReadAsync(200);
        await (await LogInAsync(person.Name, Composed)).ReadAsync(200);
        await (await person.PostAsync("/api/password", new { old_password = Composed, new_password = Person.Password })).ReadAsync(200);
        await (await LogInAsync(person.Name, Person.Password)).ReadAsync(200);
    }

    [Fact]
    public async Task HashOfDecomposedFormLogsInAndIsRenewed()
    {
        using var person = await server.PersonAsync();
        await using (var database = server.OpenDatabase())
        {
            await database.ExecuteAsync(
                "UPDATE users SET password_hash = @hash WHERE username = @Name",
                new { hash = BCrypt.Net.BCrypt.HashPassword(Decomposed, 4), person.Name });
        }

        await (await LogInAsync(person.Name, Composed)).ReadProblemAsync(401, "invalid_credentials");
        await (await LogInAsync(person.Name, Decomposed)).ReadAsync(200);
        await (await LogInAsync(person.Name, Composed)).ReadAsync(200);
    }

    [Fact]
    public async Task LimitsHoldAfterNormalizing()
    {
        // 24 letters of 3 bytes are 72; decomposed they are more.
        await RegisterAsync(string.Concat(Enumerable.Repeat("ế", 24)).Normalize(NormalizationForm.FormD), 200);
        await RegisterAsync(string.Concat(Enumerable.Repeat("ế", 25)), 400);
        // Seven letters, of two characters each.
        await RegisterAsync(string.Concat(Enumerable.Repeat("e\u0301", 7)), 400);
        await RegisterAsync(string.Concat(Enumerable.Repeat("e\u0301", 8)), 200);
    }

    [Theory]
    [InlineData("correct\thorse")]
    [InlineData("correct\u0085horse")]
    [InlineData("correct horse\uFFFE")]
    // 24 letters of 3 bytes, which Unicode's composed form writes with 6 bytes each.
    [InlineData("\u0958\u0958\u0958\u0958\u0958\u0958\u0958\u0958\u0958\u0958\u0958\u0958\u0958\u0958\u0958\u0958\u0958\u0958\u0958\u0958\u0958\u0958\u0958\u0958")]
    public async Task PasswordThatCannotBeNormalizedLogsInAsTyped(string password)
    {
        var name = await RegisterAsync(password, 200);
        await (await LogInAsync(name, password)).ReadAsync(200);
        await (await LogInAsync(name, password)).ReadAsync(200);
    }

    [Fact]
    public async Task NulIsRefused() => await RegisterAsync("correct horse\0", 400);

    public void Dispose() => _http.Dispose();

    private async Task<string> RegisterAsync(string password, int status)
    {
        var name = Names.Next();
        await (await _http.PostAsJsonAsync("/api/register", new { username = name, email = $"{name}@example.org", password }))
            .ReadAsync(status);
        return name;
    }

    private Task<HttpResponseMessage> LogInAsync(string username, string password) =>
        _http.PostAsJsonAsync("/api/login", new { username, password });
}
