using System.Diagnostics;
using System.Threading.Channels;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Examples;

/// <summary>An example that runs in a terminal, its input and its output.</summary>
internal sealed class Talker : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Task<string> _errors;
    private readonly Task _reading;

    private Talker(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        _reading = ReadAsync();
    }

    public static Talker Start(string server, string program, string folder, params string[] arguments) =>
        new(Process.Start(Programs.Describe(program, folder, arguments, new Dictionary<string, string> { ["CHASQUI_URL"] = server }))!);

    public async Task TypeAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>The next line has to be this one.</summary>
    public async Task ReadsAsync(string line)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            Assert.Equal(line, await _lines.Reader.ReadAsync(deadline.Token));
        }
        catch (ChannelClosedException)
        {
            Assert.Fail($"It ended before it printed '{line}': {await _errors}");
        }
    }

    /// <summary>Ends its input: it must exit without an error.</summary>
    public async Task EndAsync()
    {
        _process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(Deadline);
        await _process.WaitForExitAsync(deadline.Token);
        await _reading;
        Assert.Equal("", await _errors);
        Assert.Equal(0, _process.ExitCode);
        Assert.False(_lines.Reader.TryRead(out var more), more);
    }

    /// <summary>It must exit while its input is open, and say why.</summary>
    public async Task GivesUpAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        await _process.WaitForExitAsync(deadline.Token);
        Assert.Equal(1, _process.ExitCode);
        // A sentence, no stack trace.
        Assert.Single((await _errors).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _lines.Writer.TryWrite(line);
        }

        _lines.Writer.Complete();
    }
}
