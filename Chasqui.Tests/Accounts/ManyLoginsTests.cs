using System.Net.Http.Json;
using Chasqui.Server.Accounts;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Accounts;

/// <summary>Many people behind one address, as in an office or a school.</summary>
public sealed class ManyLoginsTests : IAsyncLifetime
{
    private const string Wrong = "wrong horse";

    private readonly TestServer _server = new();

    /// <summary>A hash takes some 20 ms, so that all attempts are in progress at once.</summary>
    public async ValueTask InitializeAsync() =>
        await _server.StartAsync("--Limits:Enabled", "true", "--Accounts:BcryptCost", "9");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    public async Task RightLoginsOfManyPeopleAtOnceSucceed(int count)
    {
        var names = await RegisterAsync(count);
        using var http = _server.Anonymous();

        var answers = await Task.WhenAll(names.Select(name => LogInAsync(http, name, Person.Password))).WaitAsync(RawClient.Deadline);

        Assert.All(answers, answer => Assert.Equal(200, (int)answer.StatusCode));
    }

    [Fact]
    public async Task RightLoginsOfOneAccountAtOnceSucceed()
    {
        using var person = await _server.PersonAsync();
        using var http = _server.Anonymous();

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => LogInAsync(http, person.Name, Person.Password)))
            .WaitAsync(RawClient.Deadline);

        Assert.All(answers, answer => Assert.Equal(200, (int)answer.StatusCode));
    }

    [Fact]
    public async Task OnlyWrongPasswordsCount()
    {
        var names = await RegisterAsync(40);
        using var http = _server.Anonymous();

        // Fewer failures than an address has free.
        var answers = await Task.WhenAll(names.Select((name, i) => LogInAsync(http, name, i % 4 == 0 ? Wrong : Person.Password)))
            .WaitAsync(RawClient.Deadline);

        Assert.Equal(30, answers.Count(answer => (int)answer.StatusCode == 200));
        Assert.Equal(10, answers.Count(answer => (int)answer.StatusCode == 401));
    }

    [Fact]
    public async Task WrongPasswordsOfManyNamesAtOnceAreRefusedPastTheFreeOnes()
    {
        using var http = _server.Anonymous();

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => LogInAsync(http, Names.Next(), Wrong)))
            .WaitAsync(RawClient.Deadline);

        Assert.Equal(20, answers.Count(answer => (int)answer.StatusCode == 401));
        Assert.All(answers.Where(answer => (int)answer.StatusCode != 401), answer =>
        {
            Assert.Equal(429, (int)answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
        });
    }

    [Fact]
    public async Task LoginThatIsAbandonedWhileItWaitsCountsForNothing()
    {
        var names = await RegisterAsync(40);
        using var http = _server.Anonymous();
        using var hangUp = new CancellationTokenSource();
        using var hashes = new Measurements(_server, PasswordHashQueue.Instrument, PasswordHashQueue.OperationTag);

        var abandoned = names.Select(name =>
            http.PostAsJsonAsync("/api/login", new { username = name, password = Wrong }, hangUp.Token)).ToArray();
        await hangUp.CancelAsync();
        await Task.WhenAll(abandoned.Select(login => Assert.ThrowsAnyAsync<OperationCanceledException>(() => login)));

        var answers = await Task.WhenAll(names.Select(name => LogInAsync(http, name, Person.Password))).WaitAsync(RawClient.Deadline);
        Assert.All(answers, answer => Assert.Equal(200, (int)answer.StatusCode));
    }

    private async Task<string[]> RegisterAsync(int count)
    {
        var names = Enumerable.Range(0, count).Select(_ => Names.Next()).ToArray();
        using var http = _server.Anonymous();
        foreach (var name in names)
        {
            await (await http.PostAsJsonAsync(
                "/api/register", new { username = name, email = $"{name}@example.org", password = Person.Password })).ReadAsync(200);
        }

        return names;
    }

    private static Task<HttpResponseMessage> LogInAsync(HttpClient http, string username, string password) =>
        http.PostAsJsonAsync("/api/login", new { username, password });
}
