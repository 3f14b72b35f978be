using Chasqui.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Support;

/// <summary>A real server on a free port, with a data folder of its own: one for each test class.</summary>
public sealed class TestServer : IAsyncLifetime
{
    private readonly TemporaryFolder _data = new();
    private WebApplication? _app;

    /// <summary>What the server takes for the time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The address of the server, without a slash at its end.</summary>
    public string Url { get; private set; } = "";

    public string DataFolder => _data.Path;

    public string WebSocketUrl => Url.Replace("http://", "ws://", StringComparison.Ordinal);

    public IServiceProvider Services => _app!.Services;

    public Task InitializeAsync() => StartAsync();

    public async Task StartAsync(params string[] settings)
    {
        _app = ChatServer.Build([
            "--urls", "http://127.0.0.1:0",
            "--Storage:DataFolder", DataFolder,
            // The cheapest there is: tests register many people.
            "--Accounts:BcryptCost", "4",
            "--Limits:Enabled", "false",
            "--Logging:LogLevel:Default", "None",
            "--Logging:LogLevel:Microsoft", "None",
            .. settings,
        ], Clock);
        await _app.StartAsync();
        Url = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
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

    public async Task DisposeAsync()
    {
        await StopAsync();
        _data.Dispose();
    }

    /// <summary>Registers somebody with a name of their own and logs them in.</summary>
    public Task<Person> PersonAsync(string? name = null) => Person.RegisterAsync(this, name ?? Names.Next());
}
