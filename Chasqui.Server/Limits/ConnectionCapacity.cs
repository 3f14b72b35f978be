using Chasqui.Server.Configuration;

namespace Chasqui.Server.Limits;

/// <summary>
/// How many connections there is room for: as many as the settings say, or as the process may have open. A process that is
/// out of file descriptors dies when the runtime next starts a thread.
/// </summary>
/// <param name="Chat">Connections of the chat, of both doors together.</param>
/// <param name="Tcp">TCP connections, those of the chat among them.</param>
/// <param name="TcpPerAddress">TCP connections from one address.</param>
internal sealed record ConnectionCapacity(int Chat, int Tcp, int TcpPerAddress)
{
    /// <summary>
    /// For the runtime, which keeps some 300 assemblies open, the database and its readers, the log, and connections that are
    /// about to be refused.
    /// </summary>
    public const int Reserve = 500;

    /// <summary>With fewer TCP connections than that nobody is served.</summary>
    public const int MinTcp = 100;

    /// <summary>TCP connections beside those of the chat, so that idle ones cannot take all memory.</summary>
    private const int MaxOther = 5_000;

    /// <summary>Where there is less room than was asked for, this part of it is left to what is not the chat.</summary>
    private const int OtherPart = 5;

    /// <summary>How many files the process has to be allowed for the settings to hold.</summary>
    public static int FilesFor(LimitOptions limits) => limits.MaxConnections + MaxOther + Reserve;

    /// <exception cref="StartupException">There is no room for any.</exception>
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
            Math.Min(limits.MaxConnections, room - Math.Min(MaxOther, room / OtherPart)),
            room,
            // One address must not have everything.
            Math.Min(limits.MaxConnectionsPerAddress, room * 3 / 4));
    }
}
