using System.Data.Common;
using Chasqui.Server.Hosting;
using Chasqui.Server.Transports.SignalR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Chasqui.Tests.Support;

/// <summary>Where a server keeps everything.</summary>
public enum Store
{
    Sqlite,
    Postgres,
}

/// <summary>A real server on a free port, with data of its own: one for each test class.</summary>
public class TestServer : IAsyncLifetime
{
    private readonly TemporaryFolder _data = new();
    private string? _postgres;
    private WebApplication? _app;

    /// <summary>What the server takes for the time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The services that the test replaces.</summary>
    public Action<IServiceCollection>? Configure { get; init; }

    public Store Store { get; init; } = Store.Sqlite;

    /// <summary>A PostgreSQL of the test's own; without one it is the one that all tests share.</summary>
    public Postgres? Instance { get; init; }

    /// <summary>The server whose PostgreSQL database it shares.</summary>
    public TestServer? SharesDatabaseOf { get; init; }

    /// <summary>The address of the server, without a slash at its end.</summary>
    public string Url { get; private set; } = "";

    public string DataFolder => _data.Path;

    public string WebSocketUrl => Url.Replace("http://", "ws://", StringComparison.Ordinal);

    public IServiceProvider Services => _app!.Services;

    /// <summary>What a program has to be told to find this server's data.</summary>
    public string[] StorageSettings => _postgres is null
        ? ["--Storage:DataFolder", DataFolder]
        : ["--Storage:Provider", "Postgres", "--Storage:ConnectionString", _postgres];

    /// <summary>Whether the store exists. Fixtures are created for skipped tests too.</summary>
    public bool CanStart => Store != Store.Postgres || Postgres.Problem is null;

    public async ValueTask InitializeAsync()
    {
        if (CanStart)
        {
            await StartAsync();
        }
    }

    public async Task StartAsync(params string[] settings)
    {
        if (Store == Store.Postgres)
        {
            _postgres ??= SharesDatabaseOf?._postgres ?? await (Instance ?? await Postgres.SharedAsync()).CreateDatabaseAsync();
        }

        _app = ChatServer.Build([
            "--urls", "http://127.0.0.1:0",
            .. StorageSettings,
            // The cheapest there is: tests register many people.
            "--Accounts:BcryptCost", "4",
            "--Limits:Enabled", "false",
            "--Logging:LogLevel:Default", "None",
            "--Logging:LogLevel:Microsoft", "None",
            .. settings,
        ], Clock, Configure);
        await _app.StartAsync();
        Url = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    /// <summary>Sets how long hub connections may take for their handshake from now on.</summary>
    /// <returns>The setting before.</returns>
    public TimeSpan? SetHandshakeTimeout(TimeSpan timeout)
    {
        var options = Services.GetRequiredService<IOptions<HubOptions>>().Value;
        var before = options.HandshakeTimeout;
        options.HandshakeTimeout = timeout;
        Services.GetRequiredService<IOptions<HubOptions<ChatHub>>>().Value.HandshakeTimeout = timeout;
        return before;
    }

    public async Task StopAsync()
    {
        if (_app is not null)
        {
            // Stopping does not return before the connections have been ended, and the test has to answer them.
            await Task.Run(() => _app.StopAsync());
            await _app.DisposeAsync();
            _app = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _data.Dispose();
        if (_postgres is not null && Instance is null && SharesDatabaseOf is null)
        {
            await (await Postgres.SharedAsync()).DropDatabaseAsync(_postgres);
        }
    }

    /// <summary>A connection of one's own, to look at what is stored and to meddle with it.</summary>
    public DbConnection OpenDatabase() => _postgres is null ? Database.Open(DataFolder) : Database.OpenPostgres(_postgres);

    /// <summary>Registers a user with a new name and logs in.</summary>
    public Task<Person> PersonAsync(string? name = null) => Person.RegisterAsync(this, name ?? Names.Next());
}

/// <summary>The same with PostgreSQL, for a class of tests that are marked with <c>[PostgresTests]</c>.</summary>
public sealed class PostgresServer : TestServer
{
    public PostgresServer() => Store = Store.Postgres;
}
