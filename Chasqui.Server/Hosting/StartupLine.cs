using Chasqui.Server.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Chasqui.Server.Hosting;

/// <summary>Logs the addresses, the data folder and the documentation in one line.</summary>
internal sealed partial class StartupLine(
    IServer server, IHostApplicationLifetime lifetime, IDatabase database, ILogger<StartupLine> logger)
    : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() =>
        {
            var addresses = server.Features.Get<IServerAddressesFeature>()!.Addresses;
            Listening(logger, string.Join(", ", addresses), database.Location, addresses.First() + Introspection.Docs.Path);
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(
        1, LogLevel.Information, "Chasqui listens on {Addresses}, keeps its data in {Location}, and documents its API at {Docs}")]
    private static partial void Listening(ILogger logger, string addresses, string location, string docs);
}
