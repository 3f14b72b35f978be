using Chasqui.Protocol;
using Chasqui.Tests.Support;
using Dapper;

namespace Chasqui.Tests.CommandLine;

public abstract class KeyCommandTests(Store store) : IAsyncLifetime
{
    private readonly TestServer _server = new() { Store = store };

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task RotationKeepsTokensAndSignsWithNewKey()
    {
        using var ana = await _server.PersonAsync();
        await using var socket = await ana.ConnectAsync();

        await RotateAsync();
        await SettleAsync();

        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        var again = await ana.AgainAsync();
        while (Kid(again) == Kid(ana))
        {
            deadline.Token.ThrowIfCancellationRequested();
            again.Dispose();
            again = await ana.AgainAsync();
        }

        using (again)
        {
            await again.GetAsync("/api/tasks");
        }

        await ana.GetAsync("/api/tasks");
        await socket.PingAsync();
        Assert.Equal(2, Database.SigningKeys(_server).Count);
    }

    [Fact]
    public async Task RotatingTwiceIsRefusedWhileTokensOfTheFirstKeyAreGood()
    {
        using var ana = await _server.PersonAsync();
        await RotateAsync();

        var refused = await RunAsync("keys", "rotate");

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Valid tokens of the key before the previous one would end: 1.", refused.Errors);
        await ana.GetAsync("/api/tasks");
    }

    [Theory]
    [InlineData("--force", 2)]
    [InlineData("--end-all", 1)]
    public async Task ForcedRotationEndsTokensOfDroppedKey(string option, int keysLeft)
    {
        using var ana = await _server.PersonAsync();
        await using var socket = await ana.ConnectAsync();
        await RotateAsync();

        await RotateAsync(option);

        Assert.Equal(4401, await socket.ReceiveCloseAsync());
        await (await ana.Http.GetAsync("/api/tasks")).ReadProblemAsync(401, ErrorCodes.Unauthorized);
        using var again = await ana.AgainAsync();
        await again.GetAsync("/api/tasks");
        Assert.Equal(keysLeft, Database.SigningKeys(_server).Count);
    }

    [Fact]
    public async Task ForcedRotationReportsNoRemainingTokens() =>
        Assert.Contains("Ended tokens: 0.", (await RunAsync("keys", "rotate", "--end-all")).Output);

    [Fact]
    public async Task LeakedKeySignsNothingAfterRotation()
    {
        using var ana = await _server.PersonAsync();
        var leaked = Database.SigningKeys(_server)[0];
        await RotateAsync("--end-all");
        using var again = await ana.AgainAsync();

        var forged = Jwt.Sign(Jwt.Header(ana.Token), Jwt.Payload(again.Token), leaked);

        using var http = _server.Anonymous();
        http.DefaultRequestHeaders.Authorization = new("Bearer", forged);
        // Within the time in which a running server reads the keys.
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        while ((await http.GetAsync("/api/tasks", deadline.Token)).IsSuccessStatusCode)
        {
        }
    }

    [Fact]
    public async Task ConfiguredKeyIsNotRotatedByCommand()
    {
        var refused = await RunAsync("keys", "rotate", "--Accounts:SigningKey", Convert.ToBase64String(new byte[32]));

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Accounts:PreviousSigningKey", refused.Errors);
        Assert.Single(Database.SigningKeys(_server));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RotationWithoutTheServersConfiguredKeyIsRefused(bool keyFromBefore)
    {
        await using var server = new TestServer { Store = store };
        if (keyFromBefore)
        {
            await server.StartAsync();
            await server.StopAsync();
        }

        await server.StartAsync("--Accounts:SigningKey", Convert.ToBase64String(new byte[32]));
        using var ana = await server.PersonAsync();
        var before = Database.SigningKeys(server);

        var refused = await Programs.RunServerAsync(Path.GetTempPath(), ["keys", "rotate", .. server.StorageSettings]);

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("which this command was not given", refused.Errors);
        Assert.Equal(before, Database.SigningKeys(server));
        await ana.GetAsync("/api/tasks");
    }

    private static string Kid(Person person) => Jwt.Header(person.Token).Text("kid");

    /// <summary>Lets the time pass in which a new key does not sign yet.</summary>
    private async Task SettleAsync()
    {
        using var database = _server.OpenDatabase();
        await database.ExecuteAsync("UPDATE signing_keys SET created_at = created_at - 10000");
    }

    private async Task RotateAsync(params string[] options)
    {
        var ended = await RunAsync(["keys", "rotate", .. options]);
        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
    }

    private Task<Ended> RunAsync(params string[] command) =>
        Programs.RunServerAsync(Path.GetTempPath(), [.. command, .. _server.StorageSettings]);
}

public sealed class SqliteKeyCommandTests() : KeyCommandTests(Store.Sqlite);

[PostgresTests]
[FullTier]
public sealed class PostgresKeyCommandTests() : KeyCommandTests(Store.Postgres);
