using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Chasqui.Tests.Support;

/// <summary>A throw-away Redis that keeps nothing. Tests that start one are marked with <c>[Fact, Needs(Redis.Program)]</c>.</summary>
public sealed class Redis : IAsyncDisposable
{
    /// <summary>Of Debian's package <c>redis-server</c>.</summary>
    public const string Program = "redis-server";

    private readonly TemporaryFolder _folder = new();
    private GuardedProcess? _process;

    public int Port { get; } = FreePorts.Next();

    public string ConnectionString => $"127.0.0.1:{Port}";

    /// <summary>For signals that halt it.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>Starts it, also again after <see cref="KillAsync"/>: on the same port, with nothing in it.</summary>
    public async Task StartAsync() => _process = await GuardedProcess.StartAsync(
        "KILL", _folder.Path, Program, "--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _folder.Path, "--save", "", "--appendonly", "no");

    public async Task KillAsync()
    {
        await _process!.EndAsync();
        await _process.DisposeAsync();
        _process = null;
    }

    public async Task RestartAsync()
    {
        await KillAsync();
        await StartAsync();
    }

    /// <summary>Sends a command, which has to be answered with OK.</summary>
    public async Task CommandAsync(string command)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, Port, deadline.Token);
        await using var stream = tcp.GetStream();
        using var answers = new StreamReader(stream);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), deadline.Token);
        Assert.Equal("+OK", await answers.ReadLineAsync(deadline.Token));
    }

    /// <summary>Says something on a channel, to two who listen to it.</summary>
    public async Task PublishAsync(string channel, string text)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, Port, deadline.Token);
        await using var stream = tcp.GetStream();
        using var answers = new StreamReader(stream);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"*3\r\n$7\r\nPUBLISH\r\n${channel.Length}\r\n{channel}\r\n${text.Length}\r\n{text}\r\n"), deadline.Token);
        Assert.Equal(":2", await answers.ReadLineAsync(deadline.Token));
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        _folder.Dispose();
    }
}
