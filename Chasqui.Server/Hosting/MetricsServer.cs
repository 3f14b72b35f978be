using System.Net.Sockets;
using Chasqui.Server.Configuration;
using Chasqui.Server.FrameworkWorkarounds;
using OpenTelemetry.Metrics;

namespace Chasqui.Server.Hosting;

/// <summary>
/// Serves <c>/metrics</c> at its own address. Access by a header or by the caller's address would be open to all clients of a
/// proxy on the same machine.
/// </summary>
internal sealed partial class MetricsServer(
    IOptions<MetricsOptions> options, IConfiguration configuration, MeterProvider meters, ILogger<MetricsServer> logger)
    : IHostedService, IAsyncDisposable
{
    public const string Path = "/metrics";

    private WebApplication? _app;

    /// <summary>Empty until it has started.</summary>
    public string Address { get; private set; } = "";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var port = BindingAddress.Parse(options.Value.Url!).Port;
        if (port != 0 && ListenAddresses.Of(configuration).Any(own => own.Port == port))
        {
            throw new StartupException($"Metrics:Url needs its own port; the server listens on {port}");
        }

        // Empty: the server's settings do not apply to it.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(options.Value.Url!);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        _app = builder.Build();
        _app.UseOpenTelemetryPrometheusScrapingEndpoint(
            meters, http => http.Request.Path == Path, path: null, configureBranchedPipeline: null, optionsName: null);
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new StartupException($"Metrics:Url names an address that it cannot listen on: {e.Message}", AddressInUse.Is(e));
        }

        Address = _app.Urls.First() + Path;
        Listening(logger, Address);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    [LoggerMessage(1, LogLevel.Information, "Metrics are at {Address}")]
    private static partial void Listening(ILogger logger, string address);
}
