using System.Net;
using System.Net.Http.Json;
using Chasqui.Server.Accounts;
using Chasqui.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Accounts;

/// <summary>Many people behind one address, as in an office or a school.</summary>
public sealed class ManyLoginsTests : IAsyncLifetime
{
    private const string Wrong = "wrong horse";

    /// <summary>The thread that hashes has the lowest priority, and other tests run.</summary>
    private static readonly TimeSpan Deadline = 5 * RawClient.Deadline;

    private readonly TestServer _server = new();

    public async ValueTask InitializeAsync() => await _server.StartAsync("--Limits:Enabled", "true");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    public async Task RightLoginsOfManyPeopleAtOnceSucceed(int count)
    {
        var names = await RegisterAsync(count);
        using var http = _server.Anonymous();

        var answers = await AtOnceAsync(names.Select(name => LogInAsync(http, name, Person.Password)));

        Assert.All(answers, answer => Assert.Equal(200, (int)answer.StatusCode));
    }

    [Fact]
    public async Task RightLoginsOfOneAccountAtOnceSucceed()
    {
        using var person = await _server.PersonAsync();
        using var http = _server.Anonymous();

        var answers = await AtOnceAsync(Enumerable.Range(0, 40).Select(_ => LogInAsync(http, person.Name, Person.Password)));

        Assert.All(answers, answer => Assert.Equal(200, (int)answer.StatusCode));
    }

    [Fact]
    public async Task OnlyWrongPasswordsCount()
    {
        var names = await RegisterAsync(40);
        using var http = _server.Anonymous();

        // Fewer failures than an address has free.
        var answers = await AtOnceAsync(names.Select((name, i) => LogInAsync(http, name, i % 4 == 0 ? Wrong : Person.Password)));

        Assert.Equal(30, answers.Count(answer => (int)answer.StatusCode == 200));
        Assert.Equal(10, answers.Count(answer => (int)answer.StatusCode == 401));
    }

    [Fact]
    public async Task WrongPasswordsOfManyNamesAtOnceAreRefusedPastTheFreeOnes()
    {
        using var http = _server.Anonymous();

        var answers = await AtOnceAsync(Enumerable.Range(0, 60).Select(_ => LogInAsync(http, Names.Next(), Wrong)));

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
        using var requests = new RequestCount(_server);
        using var hangUp = new CancellationTokenSource();

        await WhileNothingIsHashedAsync(async () =>
        {
            var abandoned = names.Select(name =>
                http.PostAsJsonAsync("/api/login", new { username = name, password = Wrong }, hangUp.Token)).ToArray();
            await UntilAsync(() => requests.Begun == abandoned.Length);
            await hangUp.CancelAsync();
            await Task.WhenAll(abandoned.Select(login => Assert.ThrowsAnyAsync<OperationCanceledException>(() => login)));
            await UntilAsync(() => requests.Active == 0);
        });

        var answers = await AtOnceAsync(names.Select(name => LogInAsync(http, name, Person.Password)));
        Assert.All(answers, answer => Assert.Equal(200, (int)answer.StatusCode));
    }

    /// <summary>Hashes nothing until all attempts have come, so that they do not follow each other.</summary>
    private async Task<HttpResponseMessage[]> AtOnceAsync(IEnumerable<Task<HttpResponseMessage>> logins)
    {
        using var requests = new RequestCount(_server);
        Task<HttpResponseMessage>[] begun = [];
        await WhileNothingIsHashedAsync(async () =>
        {
            begun = [.. logins];
            await UntilAsync(() => requests.Begun == begun.Length);
        });
        return await Task.WhenAll(begun).WaitAsync(Deadline);
    }

    private async Task WhileNothingIsHashedAsync(Func<Task> action)
    {
        using var end = new ManualResetEventSlim();
        var slow = _server.Services.GetRequiredService<PasswordHashQueue>()
            .RunAsync("slow", IPAddress.None, () => end.Wait(Deadline), busy: false, CancellationToken.None);
        try
        {
            await action();
        }
        finally
        {
            end.Set();
            Assert.True(await slow);
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!condition())
        {
            deadline.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
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
