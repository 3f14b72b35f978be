using System.Net.Http.Headers;
using System.Security.Cryptography;
using Chasqui.Tests.Support;
using Dapper;

namespace Chasqui.Tests.Storage;

/// <summary>The server as an operator starts it, and what it says where it cannot.</summary>
[PostgresTests]
public sealed class PostgresStartTests
{
    [Fact]
    public async Task ServersThatStartTogetherOnAnEmptyDatabaseAllStartAndApplyEachScriptOnce()
    {
        var database = await CreateDatabaseAsync();
        using var folder = new TemporaryFolder();
        var servers = Enumerable.Range(0, 4)
            .Select(_ => ServerProcess.Start(folder.Path, null, ["--urls", "http://127.0.0.1:0", "--Accounts:BcryptCost", "4", .. On(database)]))
            .ToArray();
        try
        {
            var urls = await Task.WhenAll(servers.Select(server => server.UrlAsync()));

            await using var connection = Database.OpenPostgres(database);
            var recorded = await connection.QueryAsync<(string, string)>("SELECT script, checksum FROM schema_migrations ORDER BY script");
            var shipped = Directory.GetFiles(Path.Combine(Repository.Root, "sql", "postgres"), "*.sql").Order()
                .Select(file => (Path.GetFileName(file), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))));
            Assert.Equal(shipped, recorded);
            Assert.Equal(1, await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM signing_keys"));
            // A token of one is good at all of them.
            var token = await RegisterAsync(urls[0]);
            foreach (var url in urls)
            {
                using var http = new HttpClient { BaseAddress = new Uri(url) };
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
                await (await http.GetAsync("/api/tasks")).ReadAsync(200);
            }

            // They write nothing into their working folder.
            Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        }
        finally
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    [Theory]
    [InlineData("UPDATE schema_migrations SET checksum = 'other' WHERE script = '001_schema.sql'", "001_schema.sql", "restore")]
    [InlineData("INSERT INTO schema_migrations VALUES ('999_future.sql', 'x', 0)", "999_future.sql", "newer version")]
    public async Task AChangedOrUnknownScriptRefusesToStartAndSaysWhatToDo(string meddling, string script, string advice)
    {
        await using var server = new PostgresServer();
        await server.StartAsync();
        await server.StopAsync();
        await using (var database = server.OpenDatabase())
        {
            await database.ExecuteAsync(meddling);
        }

        var refusal = await ServerProcess.RefusalAsync(server.DataFolder, server.StorageSettings);

        Assert.Contains($"'{script}'", refusal, StringComparison.Ordinal);
        Assert.Contains(advice, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheTablesOfAnotherProgramAreLeftAlone()
    {
        var database = await CreateDatabaseAsync();
        await using var connection = Database.OpenPostgres(database);
        await connection.ExecuteAsync("CREATE TABLE users (name text)");

        Assert.Contains("users", await RefusalAsync(database), StringComparison.Ordinal);

        Assert.Equal(
            ["users"], await connection.QueryAsync<string>("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"));
    }

    [Fact]
    public async Task ADatabaseThatIsNotThereIsNamed()
    {
        var postgres = await Postgres.SharedAsync();
        Assert.Contains("nowhere", await RefusalAsync(postgres.ConnectionString("nowhere")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DatabaseWithoutUtf8IsRefused()
    {
        var database = await CreateDatabaseAsync("ENCODING 'SQL_ASCII' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0");
        Assert.Contains("UTF8", await RefusalAsync(database), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("Host=127.0.0.1;Prt=5432")]
    [InlineData("Host=127.0.0.1;Port=many")]
    public async Task InvalidConnectionStringIsRefusedWithItsSettingName(string connectionString) =>
        Assert.Contains("Storage:ConnectionString", await RefusalAsync(connectionString), StringComparison.Ordinal);

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("nowhere.invalid")]
    public async Task UnreachableHostIsNamedAndRetryIsAdvised(string host)
    {
        using var folder = new TemporaryFolder();
        var connectionString = $"Host={host};Port={FreePorts.Next()};Database=chasqui";

        Assert.Contains(host, await ServerProcess.RefusalForNowAsync(folder.Path, On(connectionString)), StringComparison.Ordinal);
    }

    /// <summary>What is wrong with a connection string that has a password in it; <c>*</c> stands for the shared one's parts.</summary>
    [Theory]
    [InlineData("*;Username=guarded;Password={0}", "password")]
    [InlineData("*;Username=guarded;Password='{0}", "Storage:ConnectionString")]
    [InlineData("*;Username=guarded;Pasword={0}", "Storage:ConnectionString")]
    [InlineData("*;Username=guarded;Port={0}", "Storage:ConnectionString")]
    [InlineData("postgres://guarded:{0}@127.0.0.1/chasqui", "Storage:ConnectionString")]
    public async Task ARefusalNeverQuotesThePassword(string connectionString, string says)
    {
        var secrets = new Secrets();
        var database = await CreateDatabaseAsync();
        using var folder = new TemporaryFolder();

        var (exitCode, errors, output) = await ServerProcess.RunAsync(folder.Path, [
            .. On(connectionString.Replace("*", database, StringComparison.Ordinal).Replace("{0}", secrets.New(), StringComparison.Ordinal)),
            "--Logging:LogLevel:Default", "Trace", "--Logging:LogLevel:Npgsql", "Trace"]);

        Assert.Equal(78, exitCode);
        Assert.Contains(says, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors + output, StringComparison.Ordinal);
        secrets.AssertNotIn(errors + output);
    }

    [Fact]
    public async Task TheLogNeverHoldsThePasswordAtAnyLevel()
    {
        var secrets = new Secrets();
        var database = await CreateDatabaseAsync();
        using var folder = new TemporaryFolder();
        await using var server = ServerProcess.Start(folder.Path, null, [
            "--urls", "http://127.0.0.1:0", "--Accounts:BcryptCost", "4",
            .. On($"{database};Username={Postgres.Guarded};Password={secrets.Add(Postgres.Password)}"),
            "--Logging:LogLevel:Default", "Trace", "--Logging:LogLevel:Microsoft", "Trace", "--Logging:LogLevel:Npgsql", "Trace"]);

        await RegisterAsync(await server.UrlAsync());
        // Their end is written about too.
        await using (var connection = Database.OpenPostgres(database))
        {
            await connection.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{Postgres.Guarded}' AND datname = current_database()");
        }

        var (_, errors) = await server.TerminateAsync();
        Assert.Contains("trce:", server.Output, StringComparison.Ordinal);
        Assert.Contains(await DatabaseNameAsync(database), server.Output, StringComparison.Ordinal);
        secrets.AssertNotIn(server.Output + errors);
    }

    private static string[] On(string connectionString) =>
        ["--Storage:Provider", "Postgres", "--Storage:ConnectionString", connectionString];

    private static async Task<string> CreateDatabaseAsync(string options = "") =>
        await (await Postgres.SharedAsync()).CreateDatabaseAsync(options);

    private static async Task<string> DatabaseNameAsync(string connectionString)
    {
        await using var connection = Database.OpenPostgres(connectionString);
        return connection.Database;
    }

    private static async Task<string> RefusalAsync(string connectionString)
    {
        using var folder = new TemporaryFolder();
        return await ServerProcess.RefusalAsync(folder.Path, On(connectionString));
    }

    /// <returns>The token of a new user.</returns>
    private static async Task<string> RegisterAsync(string url)
    {
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        var name = Names.Next();
        var body = $$"""{"username":"{{name}}","email":"{{name}}@example.org","password":"{{Person.Password}}"}""";
        await (await http.PostAsync("/api/register", Rest.Json(body))).ReadAsync(200);
        return (await (await http.PostAsync("/api/login", Rest.Json(body))).ReadAsync(200)).Text("token");
    }
}
