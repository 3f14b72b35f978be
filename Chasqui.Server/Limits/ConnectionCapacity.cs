using Chasqui.Server.Configuration;

namespace Chasqui.Server.Limits;

/// <summary>
/// The number of connections that the settings and the limit of open files allow. A process without file descriptors dies when
/// the runtime next starts a thread.
/// </summary>
/// <param name="Chat">Chat connections, raw and SignalR together.</param>
/// <param name="Tcp">TCP connections, those of the chat included.</param>
/// <param name="TcpPerAddress">TCP connections from one address.</param>
internal sealed record ConnectionCapacity(int Chat, int Tcp, int TcpPerAddress)
{
    /// <summary>
    /// Files for the runtime, which keeps some 300 assemblies open, the database and its readers, the log, and connections that
    /// are about to be refused.
    /// </summary>
    public const int Reserve = 500;

    /// <summary>With fewer TCP connections the server does not start.</summary>
    public const int MinTcp = 100;

    /// <summary>TCP connections that are none of the chat, so that idle ones cannot take all memory.</summary>
    private const int MaxOther = 5_000;

    /// <summary>The open files that the settings need.</summary>
    public static int FilesFor(LimitOptions limits) => limits.MaxConnections + MaxOther + Reserve;

    /// <exception cref="StartupException">The process may open too few files.</exception>
    public static ConnectionCapacity Of(LimitOptions limits, int files)
    {
        if (files >= FilesFor(limits))
        {
            return new ConnectionCapacity(limits.MaxConnections, limits.MaxConnections + MaxOther, limits.MaxConnectionsPerAddress);
        }

        var room = files - Reserve;
        if (room < MinTcp)
        {
            throw new StartupException(
                $"this process may open {files} files at once, and needs {Reserve + MinTcp} at least: raise that limit (in a systemd "
                + $"unit with LimitNOFILE={FilesFor(limits)}, in a shell with 'ulimit -n')");
        }

        return new ConnectionCapacity(
            // A fifth stays for connections that are none of the chat.
            Math.Min(limits.MaxConnections, room - Math.Min(MaxOther, room / 5)),
            room,
            // One address must not have everything.
            Math.Min(limits.MaxConnectionsPerAddress, room * 3 / 4));
    }
}

/// <summary>Warns at the start of too few open files for the settings; for the default only where few are left.</summary>
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
