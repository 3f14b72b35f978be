using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Chasqui.Server.Accounts;
using Chasqui.Tests.Support;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Accounts;

public sealed class PasswordHashQueueTests : IAsyncLifetime
{
    /// <summary>Passwords that wait; one address gets a quarter.</summary>
    private const int Queued = 64;

    private readonly TestServer _server = new();

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task LoginOfUnknownAccountCostsOneHash()
    {
        using var person = await _server.PersonAsync();
        using var http = _server.Anonymous();
        using var hashes = new Measurements(_server, PasswordHashQueue.Instrument, PasswordHashQueue.OperationTag);

        await LoginAsync(http, new { username = Names.Next(), password = Person.Password }, 401);
        Assert.Equal(["verify"], hashes.Take());
        await LoginAsync(http, new { email = $"{Names.Next()}@example.org", password = Person.Password }, 401);
        Assert.Equal(["verify"], hashes.Take());
        await LoginAsync(http, new { username = person.Name, password = "wrong horse" }, 401);
        Assert.Equal(["verify"], hashes.Take());
        await LoginAsync(http, new { email = person.Email, password = Person.Password }, 200);
        Assert.Equal(["verify"], hashes.Take());
    }

    [Fact]
    public async Task LoginFloodIsRefusedAndChatContinues()
    {
        using var person = await _server.PersonAsync();
        var room = await person.OpenGroupAsync();
        await using var socket = await person.ConnectAsync();
        using var http = _server.Anonymous();
        using var slow = Occupy();

        var logins = Enumerable.Range(0, Queued + 20)
            .Select(i => http.PostAsJsonAsync("/api/login", new { username = person.Name, password = i % 2 == 0 ? Person.Password : "wrong horse" }))
            .ToList();
        // As many as may wait do so; all others are answered.
        while (logins.Count > Queued)
        {
            var answered = await Task.WhenAny(logins).WaitAsync(RawClient.Deadline);
            logins.Remove(answered);
            await AssertRefusedAsync(await answered);
        }

        using (var newcomer = await http.PostAsJsonAsync(
            "/api/register", new { username = Names.Next(), email = $"{Names.Next()}@example.org", password = Person.Password }))
        {
            await AssertRefusedAsync(newcomer);
        }

        using (var change = await person.PostAsync("/api/password", new { old_password = Person.Password, new_password = "battery staple" }))
        {
            await AssertRefusedAsync(change);
        }

        await socket.SendAsync(new { type = "message", conversation_id = room, content = "Hello", request_id = "r" });
        await socket.ReceiveAsync("Ack");
        Assert.All(logins, login => Assert.False(login.IsCompleted));

        slow.Set();
        Assert.All(await Task.WhenAll(logins).WaitAsync(RawClient.Deadline), login => Assert.Contains((int)login.StatusCode, new[] { 200, 401 }));
    }

    [Fact]
    public async Task DisconnectWhileQueuedCostsNoHash()
    {
        var passwords = _server.Services.GetRequiredService<Passwords>();
        using var hashes = new Measurements(_server, PasswordHashQueue.Instrument, PasswordHashQueue.OperationTag);
        using var slow = Occupy();
        using var hangUp = new CancellationTokenSource();

        var abandoned = passwords.VerifyAsync(Person.Password, null, IPAddress.Loopback, hangUp.Token);
        var patient = passwords.HashAsync(Person.Password, IPAddress.Loopback, CancellationToken.None);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => abandoned);

        slow.Set();
        await patient;
        Assert.Equal(["slow", "hash"], hashes.Take());
    }

    [Fact]
    public async Task LoginRehashesToConfiguredCost()
    {
        using var person = await _server.PersonAsync();
        await _server.StopAsync();
        await _server.StartAsync("--Accounts:BcryptCost", "5");
        using var http = _server.Anonymous();

        await LoginAsync(http, new { username = person.Name, password = "wrong horse" }, 401);
        Assert.StartsWith("$2a$04$", await HashAsync(person.Name));
        await LoginAsync(http, new { username = person.Name, password = Person.Password }, 200);
        Assert.StartsWith("$2a$05$", await HashAsync(person.Name));
        await LoginAsync(http, new { username = person.Name, password = "wrong horse" }, 401);
        await LoginAsync(http, new { username = person.Name, password = Person.Password }, 200);
    }

    [Fact]
    public async Task TwoLoginsAtOnceThatBringAHashToTheConfiguredCostBothSucceed()
    {
        using var person = await _server.PersonAsync();
        await _server.StopAsync();
        await _server.StartAsync("--Accounts:BcryptCost", "5");
        using var http = _server.Anonymous();
        using var slow = Occupy();

        var logins = new[]
        {
            LoginAsync(http, new { username = person.Name, password = Person.Password }, 200),
            LoginAsync(http, new { email = person.Email, password = Person.Password }, 200),
        };
        slow.Set();
        await Task.WhenAll(logins);

        await LoginAsync(http, new { username = person.Name, password = Person.Password }, 200);
    }

    [Fact]
    public async Task FloodFromOneAddressLeavesCapacityForOthers()
    {
        using var person = await _server.PersonAsync();
        await _server.StopAsync();
        await _server.StartAsync("--Limits:Enabled", "true");
        using var attacker = _server.AnonymousFrom("127.0.0.2");
        using var owner = _server.AnonymousFrom("127.0.0.3");
        using var slow = Occupy();

        var flood = Enumerable.Range(0, (Queued / 4) + 20)
            .Select(_ => attacker.PostAsJsonAsync("/api/register", NewAccount())).ToList();
        await UntilAsync(Queued / 4, flood);

        var login = LoginAsync(owner, new { username = person.Name, password = Person.Password }, 200);
        slow.Set();
        await login.WaitAsync(RawClient.Deadline);
        await Task.WhenAll(flood).WaitAsync(RawClient.Deadline);
    }

    [Fact]
    public async Task FloodFromManyAddressesLeavesCapacityForOthers()
    {
        using var person = await _server.PersonAsync();
        await _server.StopAsync();
        await _server.StartAsync("--Limits:Enabled", "true");
        var attackers = Enumerable.Range(1, 12).Select(i => _server.AnonymousFrom($"127.0.1.{i}")).ToArray();
        using var owner = _server.AnonymousFrom("127.0.0.3");
        using var slow = Occupy();

        var flood = attackers.SelectMany(attacker => Enumerable.Range(0, 8).Select(_ => attacker.PostAsJsonAsync(
            "/api/login", new { username = Names.Next(), password = Person.Password }))).ToList();
        await UntilAsync(Queued, flood);

        Assert.All(flood, each => Assert.False(each.IsCompleted));
        var login = LoginAsync(owner, new { username = person.Name, password = Person.Password }, 200);
        // The owner takes a place of an address that has more.
        var displaced = await Task.WhenAny(flood).WaitAsync(RawClient.Deadline);
        await AssertRefusedAsync(await displaced);
        slow.Set();
        await login.WaitAsync(RawClient.Deadline);
        await Task.WhenAll(flood).WaitAsync(RawClient.Deadline);
        Array.ForEach(attackers, attacker => attacker.Dispose());
    }

    [Fact]
    public async Task RegistrationsLeaveRoomForLogins()
    {
        using var person = await _server.PersonAsync();
        await _server.StopAsync();
        await _server.StartAsync("--Limits:Enabled", "true");
        // One of each address: none has more than the others.
        var newcomers = Enumerable.Range(1, Queued + 4).Select(i => _server.AnonymousFrom($"127.0.1.{i}")).ToArray();
        using var owner = _server.AnonymousFrom("127.0.0.3");
        using var slow = Occupy();

        var flood = newcomers.Select(newcomer => newcomer.PostAsJsonAsync("/api/register", NewAccount())).ToList();
        await UntilAsync(Queued / 2, flood);

        var login = LoginAsync(owner, new { username = person.Name, password = Person.Password }, 200);
        slow.Set();
        await login.WaitAsync(RawClient.Deadline);
        Assert.All(await Task.WhenAll(flood).WaitAsync(RawClient.Deadline), answer => Assert.Equal(200, (int)answer.StatusCode));
        Array.ForEach(newcomers, newcomer => newcomer.Dispose());
    }

    private static object NewAccount() =>
        new { username = Names.Next(), email = $"{Names.Next()}@example.org", password = Person.Password };

    /// <summary>Waits until so many are refused that these are left.</summary>
    private static async Task UntilAsync(int left, List<Task<HttpResponseMessage>> flood)
    {
        while (flood.Count > left)
        {
            var answered = await Task.WhenAny(flood).WaitAsync(RawClient.Deadline);
            flood.Remove(answered);
            await AssertRefusedAsync(await answered);
        }
    }

    /// <summary>Gives the queue work that lasts until the event is set.</summary>
    private ManualResetEventSlim Occupy()
    {
        var (begun, end) = (new ManualResetEventSlim(), new ManualResetEventSlim());
        var queue = _server.Services.GetRequiredService<PasswordHashQueue>();
        _ = queue.RunAsync("slow", IPAddress.Loopback, () => { begun.Set(); return end.Wait(RawClient.Deadline); }, busy: false, CancellationToken.None);
        Assert.True(begun.Wait(RawClient.Deadline));
        return end;
    }

    private async Task<string> HashAsync(string name)
    {
        await using var database = Database.Open(_server.DataFolder);
        return (await database.ExecuteScalarAsync<string>("SELECT password_hash FROM users WHERE username = @name", new { name }))!;
    }

    private static async Task LoginAsync(HttpClient http, object body, int status) =>
        await (await http.PostAsJsonAsync("/api/login", body)).ReadAsync(status);

    private static async Task AssertRefusedAsync(HttpResponseMessage answer)
    {
        var problem = await answer.ReadProblemAsync(429, "rate_limited");
        var wait = problem["retry_after_ms"]!.GetValue<int>();
        Assert.InRange(wait, 1_000, 60_000);
        Assert.Equal(((wait + 999) / 1000).ToString(CultureInfo.InvariantCulture), answer.Headers.RetryAfter!.ToString());
    }
}
