using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Tests.Support;
using Dapper;

namespace Chasqui.Tests.CommandLine;

/// <summary>Commands on the data of a running server, unless a test stops it.</summary>
public abstract class UserCommandTests(TestServer server)
{
    [Fact]
    public async Task ListPrintsEveryAccount()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        await RunAsync("users", "disable", ben.Name);

        var table = (await RunAsync("users", "list")).Split('\n');
        var json = (await RunAsync("users", "list", "--json")).Trim().Split('\n').Select(line => JsonNode.Parse(line)!).ToArray();

        Assert.Matches($@"^{ana.Name} +{ana.Email} +\d{{4}}-\d\d-\d\d \S+ +{ana.Id}$", table.Single(line => line.StartsWith(ana.Name + " ", StringComparison.Ordinal)));
        Assert.Contains(" disabled ", table.Single(line => line.StartsWith(ben.Name + " ", StringComparison.Ordinal)));
        var (first, second) = (json.Single(user => user.Text("id") == ana.Id), json.Single(user => user.Text("id") == ben.Id));
        Assert.Equal(ana.Email, first.Text("email"));
        Assert.Null(first["disabled_at"]);
        Rest.IsTime(second.Text("disabled_at"));
    }

    [Fact]
    public async Task DisablingEndsTheTokensAndClosesTheSocketsWith4403()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        await using var raw = await ana.ConnectAsync();
        await using var hub = await HubClient.ConnectAsync(server, ana.Token);
        await using var other = await ben.ConnectAsync();
        var closed = hub.ClosedAsync();

        Assert.Contains("disabled", await RunAsync("users", "disable", ana.Email));

        Assert.Equal(4403, await raw.ReceiveCloseAsync());
        await closed;
        await (await ana.Http.GetAsync("/api/tasks")).ReadProblemAsync(401, ErrorCodes.Unauthorized);
        await (await LogInAsync(ana, Person.Password)).ReadProblemAsync(401, ErrorCodes.AccountDisabled);
        // A wrong password does not reveal that the account is disabled.
        await (await LogInAsync(ana, "wrong password")).ReadProblemAsync(401, ErrorCodes.InvalidCredentials);
        Assert.Empty((await ben.GetAsync("/api/users?query=" + ana.Name)).AsArray());
        await other.PingAsync();
    }

    [Fact]
    public async Task EnabledAccountLogsInAgainAndOldTokensStayEnded()
    {
        using var ana = await server.PersonAsync();
        await RunAsync("users", "disable", ana.Id);

        await RunAsync("users", "enable", ana.Id);

        using var again = await ana.AgainAsync();
        await again.GetAsync("/api/tasks");
        await (await ana.Http.GetAsync("/api/tasks")).ReadProblemAsync(401, ErrorCodes.Unauthorized);
    }

    [Fact]
    public async Task SettingAPasswordReadsItFromTheInputAndEndsTheTokens()
    {
        using var ana = await server.PersonAsync();
        await using var socket = await ana.ConnectAsync();

        var ended = await Programs.TypeToServerAsync("battery staple\n", Path.GetTempPath(), Arguments("users", "set-password", ana.Name));

        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        Assert.Equal(4401, await socket.ReceiveCloseAsync());
        await (await LogInAsync(ana, Person.Password)).ReadProblemAsync(401, ErrorCodes.InvalidCredentials);
        using var again = await ana.AgainAsync("battery staple");
    }

    [Fact]
    public async Task PasswordSetByCommandHasConfiguredCost()
    {
        using var ana = await server.PersonAsync();

        var ended = await Programs.TypeToServerAsync("battery staple\n", Path.GetTempPath(),
            ["users", "set-password", ana.Name, .. server.StorageSettings, "--Accounts:BcryptCost", "6"]);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        using (var database = server.OpenDatabase())
        {
            Assert.StartsWith("$2a$04$", await database.ExecuteScalarAsync<string>(
                "SELECT password_hash FROM users WHERE username = @Name", new { ana.Name }), StringComparison.Ordinal);
        }

        using var again = await ana.AgainAsync("battery staple");
    }

    [Theory]
    [InlineData("short\n")]
    [InlineData("")]
    public async Task InvalidPasswordChangesNothing(string typed)
    {
        using var ana = await server.PersonAsync();

        var ended = await Programs.TypeToServerAsync(typed, Path.GetTempPath(), Arguments("users", "set-password", ana.Name));

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("at least 8 characters", ended.Errors);
        await ana.GetAsync("/api/tasks");
        using var again = await ana.AgainAsync();
    }

    [Fact]
    public async Task DeletionRemovesAccountAndKeepsItsMessages()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        var group = await ana.OpenGroupAsync(ben);
        await ana.SendAsync(group, "hello");
        await using var socket = await ana.ConnectAsync();

        await RunAsync("users", "delete", ana.Name, "--yes");

        Assert.Equal(4403, await socket.ReceiveCloseAsync());
        await (await LogInAsync(ana, Person.Password)).ReadProblemAsync(401, ErrorCodes.InvalidCredentials);
        await (await ben.Http.GetAsync("/api/users/" + ana.Id)).ReadProblemAsync(404, ErrorCodes.NotFound);
        Assert.Equal(ana.Id, Assert.Single((await ben.GetAsync($"/api/conversations/{group}/messages")).AsArray())!.Text("sender_id"));
        var left = Assert.Single((await ben.GetAsync("/api/conversations")).AsArray())!;
        // A group always has an owner.
        Assert.Equal((ben.Id, "owner"), (Assert.Single(left["members"]!.AsArray())!.Text("id"), left["members"]![0]!.Text("role")));
        using var namesake = await server.PersonAsync(ana.Name);
        Assert.NotEqual(ana.Id, namesake.Id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("n\n")]
    public async Task DeletingAsksFirst(string typed)
    {
        using var ana = await server.PersonAsync();

        var ended = await Programs.TypeToServerAsync(typed, Path.GetTempPath(), Arguments("users", "delete", ana.Name));

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains($"Delete {ana.Name}", ended.Errors);
        await ana.GetAsync("/api/tasks");
    }

    [Theory]
    [InlineData("disable")]
    [InlineData("enable")]
    [InlineData("set-password")]
    [InlineData("delete")]
    public async Task UnknownUserIsNamed(string command)
    {
        var ended = await Programs.RunServerAsync(Path.GetTempPath(), Arguments("users", command, "nobody"));

        Assert.Equal(67, ended.ExitCode);
        Assert.Contains("'nobody'", ended.Errors);
    }

    [Fact]
    public async Task CommandsWorkWhileServerIsStopped()
    {
        await using var stopped = new TestServer { Store = server.Store };
        await stopped.StartAsync();
        using var ana = await stopped.PersonAsync();
        await stopped.StopAsync();

        var ended = await Programs.RunServerAsync(Path.GetTempPath(), ["users", "disable", ana.Name, .. stopped.StorageSettings]);

        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        await stopped.StartAsync();
        using var later = ana.On(stopped);
        await (await later.Http.GetAsync("/api/tasks")).ReadProblemAsync(401, ErrorCodes.Unauthorized);
    }

    private static async Task<HttpResponseMessage> LogInAsync(Person person, string password)
    {
        using var http = person.Server.Anonymous();
        return await http.PostAsJsonAsync("/api/login", new { username = person.Name, password });
    }

    private string[] Arguments(params string[] command) =>
        [.. command, .. server.StorageSettings, "--Accounts:BcryptCost", "4"];

    private async Task<string> RunAsync(params string[] command)
    {
        var ended = await Programs.RunServerAsync(Path.GetTempPath(), Arguments(command));
        Assert.Equal((0, ""), (ended.ExitCode, ended.Errors));
        return ended.Output;
    }
}

public sealed class SqliteUserCommandTests(TestServer server) : UserCommandTests(server), IClassFixture<TestServer>
{
    [Fact]
    public async Task CommandCreatesNoDatabase()
    {
        using var folder = new TemporaryFolder();

        var ended = await Programs.RunServerAsync(folder.Path, "users", "list");

        Assert.Equal(78, ended.ExitCode);
        Assert.Contains("There is no database", ended.Errors);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }
}

[PostgresTests]
[FullTier]
public sealed class PostgresUserCommandTests(PostgresServer server) : UserCommandTests(server), IClassFixture<PostgresServer>
{
    [Fact]
    public async Task CommandCreatesNoTables()
    {
        var empty = await (await Postgres.SharedAsync()).CreateDatabaseAsync();

        var ended = await Programs.RunServerAsync(
            Path.GetTempPath(), "users", "list", "--Storage:Provider", "Postgres", "--Storage:ConnectionString", empty);

        Assert.Equal(78, ended.ExitCode);
        Assert.Contains("There are no tables of Chasqui", ended.Errors);
        await using var database = Database.OpenPostgres(empty);
        Assert.Equal(0, await database.ExecuteScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"));
    }
}
