using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Accounts;

public sealed class LoginThrottleTests : IAsyncLifetime
{
    private const string Wrong = "wrong horse";

    private readonly TestClock _clock = new();
    private readonly TestServer _server;
    private readonly Dictionary<string, HttpClient> _clients = [];

    public LoginThrottleTests() => _server = new TestServer { Clock = _clock };

    public async ValueTask InitializeAsync() => await _server.StartAsync("--Limits:Enabled", "true");

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        await _server.DisposeAsync();
    }

    [Fact]
    public async Task AfterThreeFailuresEachOneMoreDoublesTheDelay()
    {
        using var person = await _server.PersonAsync();
        await FailAsync(person.Name, times: 3);

        foreach (var delay in new[] { 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 })
        {
            await AssertRefusedAsync(person.Name, TimeSpan.FromSeconds(delay));
            _clock.Advance(TimeSpan.FromSeconds(delay) - TimeSpan.FromMilliseconds(1));
            await AssertRefusedAsync(person.Name, TimeSpan.FromMilliseconds(1));
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            await FailAsync(person.Name);
        }

        // The right password waits too: otherwise the answer would reveal it.
        _clock.Advance(TimeSpan.FromSeconds(299));
        await AssertRefusedAsync(person.Name, TimeSpan.FromSeconds(1), password: Person.Password);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await LogInAsync(person.Name);
    }

    [Fact]
    public async Task LoginResetsFailures()
    {
        using var person = await _server.PersonAsync();
        for (var i = 0; i < 3; i++)
        {
            await FailAsync(person.Name, times: 2);
            await LogInAsync(person.Name);
        }
    }

    [Fact]
    public async Task FailuresAreForgottenInTime()
    {
        var name = Names.Next();
        await FailAsync(name, times: 3);
        _clock.Advance(TimeSpan.FromHours(2));

        await FailAsync(name, times: 3);
        await AssertRefusedAsync(name, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task ConcurrentLoginAttemptsBeyondTheFreeOnesAreRefused()
    {
        using var person = await _server.PersonAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PostAsync(person.Name, Wrong)));

        Assert.Equal(3, answers.Count(answer => (int)answer.StatusCode == 401));
        Assert.Equal(17, answers.Count(answer => (int)answer.StatusCode == 429));
    }

    [Fact]
    public async Task ARefusalDoesNotTellWhetherThereIsSuchAnAccount()
    {
        using var person = await _server.PersonAsync();
        var answers = new List<string>();
        foreach (var name in new[] { person.Name, Names.Next() })
        {
            await FailAsync(name, times: 3);
            var answer = await PostAsync(name, Wrong);
            answer.Headers.Date = null;
            answers.Add($"{(int)answer.StatusCode} {answer.Headers}{answer.Content.Headers}{await answer.Content.ReadAsStringAsync()}");
        }

        Assert.StartsWith("429", answers[0]);
        Assert.Equal(answers[0], answers[1]);
    }

    [Fact]
    public async Task FailuresByNameIgnoreCase()
    {
        using var person = await _server.PersonAsync();
        await FailAsync(person.Name, times: 2);
        await FailAsync(person.Name.ToUpperInvariant());

        await AssertRefusedAsync(person.Name, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task FailuresByNameDoNotRevealEmail()
    {
        using var person = await _server.PersonAsync();
        await FailAsync(person.Name, times: 3);

        using var answer = await From("127.0.0.1").PostAsJsonAsync("/api/login", new { email = person.Email, password = Wrong });
        await answer.ReadProblemAsync(401, "invalid_credentials");
    }

    [Fact]
    public async Task AddressWithManyFailedNamesIsDelayedAndOthersAreNot()
    {
        using var person = await _server.PersonAsync();
        for (var i = 0; i < 20; i++)
        {
            await FailAsync(Names.Next(), from: "127.0.0.2");
        }

        foreach (var delay in new[] { 1, 2, 4, 8, 16 })
        {
            await AssertRefusedAsync(Names.Next(), TimeSpan.FromSeconds(delay), from: "127.0.0.2");
            await AssertRefusedAsync(person.Name, TimeSpan.FromSeconds(delay), from: "127.0.0.2", password: Person.Password);
            _clock.Advance(TimeSpan.FromSeconds(delay));
            await FailAsync(Names.Next(), from: "127.0.0.2");
        }

        await LogInAsync(person.Name, from: "127.0.0.3");
    }

    [Fact]
    public async Task SuccessfulLoginsFromOneAddressAreNotDelayed()
    {
        using var person = await _server.PersonAsync();
        for (var i = 0; i < 50; i++)
        {
            await LogInAsync(person.Name, from: "127.0.0.2");
        }
    }

    [Fact]
    public async Task FailuresElsewhereDoNotKeepTheOwnerOut()
    {
        using var person = await _server.PersonAsync();
        await AttackAsync(person.Name);

        // From where they have been before they get in at once. The clock stands still.
        await LogInAsync(person.Name, from: "127.0.0.1");

        // From anywhere else they get in too, later.
        var login = PostAsync(person.Name, Person.Password, from: "127.0.0.9");
        await _clock.TimerAsync(TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        await LogInAsync(person.Name, from: "127.0.0.1");
        Assert.False(login.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await (await login.WaitAsync(RawClient.Deadline)).ReadAsync(200);
    }

    [Fact]
    public async Task LoginDelayGrowsToFiveSeconds()
    {
        var name = Names.Next();
        await AttackAsync(name);
        foreach (var (address, seconds) in new[] { ("127.0.0.21", 1), ("127.0.0.22", 2), ("127.0.0.23", 4), ("127.0.0.24", 5), ("127.0.0.25", 5) })
        {
            var login = PostAsync(name, Wrong, address);
            await _clock.TimerAsync(TimeSpan.FromSeconds(seconds));
            _clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            // Asked and answered after the clock: every attempt that was due is answered by now.
            await FailAsync(Names.Next(), from: "127.0.0.1");
            Assert.False(login.IsCompleted);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            await (await login.WaitAsync(RawClient.Deadline)).ReadProblemAsync(401, "invalid_credentials");
        }
    }

    [Fact]
    public async Task OneAddressCannotMakeTheServerHoldManyAttempts()
    {
        var (one, other) = (Names.Next(), Names.Next());
        await AttackAsync(one);
        await AttackAsync(other);
        var held = new List<Task<HttpResponseMessage>>();
        foreach (var (name, seconds) in new[] { (one, 1), (one, 2), (one, 4), (other, 1), (other, 2) })
        {
            held.Add(PostAsync(name, Wrong, from: "127.0.0.9"));
            await _clock.TimerAsync(TimeSpan.FromSeconds(seconds));
        }

        await (await PostAsync(other, Wrong, from: "127.0.0.9")).ReadProblemAsync(429, "rate_limited");
        Assert.All(held, login => Assert.False(login.IsCompleted));

        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.All(await Task.WhenAll(held).WaitAsync(RawClient.Deadline), login => Assert.Equal(401, (int)login.StatusCode));
    }

    [Fact]
    public async Task UnlimitedRatesRefuseNothing()
    {
        await using var server = new TestServer();
        await server.StartAsync();
        using var person = await server.PersonAsync();
        using var http = server.Anonymous();
        for (var i = 0; i < 30; i++)
        {
            await (await http.PostAsJsonAsync("/api/login", new { username = person.Name, password = Wrong })).ReadAsync(401);
        }
    }

    /// <summary>Ten failures from addresses of which none has to wait.</summary>
    private async Task AttackAsync(string name)
    {
        foreach (var address in new[] { "127.0.0.11", "127.0.0.12", "127.0.0.13", "127.0.0.14", "127.0.0.15" })
        {
            await FailAsync(name, times: 2, address);
        }
    }

    private async Task FailAsync(string name, int times = 1, string from = "127.0.0.1")
    {
        for (var i = 0; i < times; i++)
        {
            await (await PostAsync(name, Wrong, from)).ReadProblemAsync(401, "invalid_credentials");
        }
    }

    private async Task LogInAsync(string name, string from = "127.0.0.1") =>
        await (await PostAsync(name, Person.Password, from)).ReadAsync(200);

    private async Task AssertRefusedAsync(string name, TimeSpan wait, string from = "127.0.0.1", string password = Wrong)
    {
        var answer = await PostAsync(name, password, from);
        JsonNode problem = await answer.ReadProblemAsync(429, "rate_limited");
        Assert.Equal(wait.TotalMilliseconds, problem["retry_after_ms"]!.GetValue<int>());
        Assert.Equal(Math.Ceiling(wait.TotalSeconds), answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
    }

    private Task<HttpResponseMessage> PostAsync(string username, string password, string from = "127.0.0.1") =>
        From(from).PostAsJsonAsync("/api/login", new { username, password }).WaitAsync(RawClient.Deadline);

    private HttpClient From(string address)
    {
        if (!_clients.TryGetValue(address, out var client))
        {
            _clients[address] = client = _server.AnonymousFrom(address);
        }

        return client;
    }
}
