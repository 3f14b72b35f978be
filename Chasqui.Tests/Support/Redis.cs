namespace Chasqui.Tests.Support;

/// <summary>A throw-away Redis that keeps nothing. Tests that start one are marked with <c>[FactNeeding(Redis.Program)]</c>.</summary>
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

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        _folder.Dispose();
    }
}
