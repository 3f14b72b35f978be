using Microsoft.Extensions.Options;

namespace Chasqui.Server.Limits;

/// <summary>
/// Says at start when there is less room for connections than the settings ask for; of the default only where few are left.
/// </summary>
internal sealed partial class CapacityCheck(
    ConnectionCapacity capacity, IOptions<LimitOptions> limits, ILogger<CapacityCheck> logger) : IHostedService
{
    private const int Few = 2_000;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var needed = ConnectionCapacity.FilesFor(limits.Value);
        var isAsked = limits.Value.MaxConnections != LimitOptions.DefaultMaxConnections || capacity.Chat < Few;
        if (isAsked && FileDescriptors.Limit() is var files && files < needed)
        {
            Clamped(logger, limits.Value.MaxConnections, needed, files, capacity.Chat, capacity.Tcp, capacity.TcpPerAddress);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(1, LogLevel.Warning, "Limits:MaxConnections is {MaxConnections}, which takes {Needed} open files, and this process may "
        + "open {Files}: it serves {Chat} chat connections, and {Tcp} TCP connections in all with {TcpPerAddress} from one address at the "
        + "most. Raise the limit (in a systemd unit with LimitNOFILE={Needed}, in a shell with 'ulimit -n {Needed}'), or lower the setting")]
    private static partial void Clamped(
        ILogger logger, int maxConnections, int needed, int files, int chat, int tcp, int tcpPerAddress);
}
