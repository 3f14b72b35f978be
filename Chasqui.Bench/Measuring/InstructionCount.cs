using System.Diagnostics;
using System.Globalization;

namespace Chasqui.Bench.Measuring;

/// <summary>Counts what a process executes, in user and kernel mode, where <c>perf stat</c> can.</summary>
internal sealed class InstructionCount : IAsyncDisposable
{
    private static readonly Lazy<bool> Supported = new(() =>
    {
        try
        {
            using var perf = Start("true");
            var output = perf.StandardError.ReadToEnd();
            perf.WaitForExit();
            return Sum(output) > 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is no perf.
            return false;
        }
    });

    private readonly Process _perf;

    private InstructionCount(Process perf) => _perf = perf;

    public static bool IsSupported => Supported.Value;

    public static InstructionCount? Of(ProcessFigures process) => IsSupported
        ? new InstructionCount(Start("-p", process.Id.ToString(CultureInfo.InvariantCulture)))
        : null;

    /// <summary>Ends the count.</summary>
    public async Task<long> StopAsync()
    {
        // perf prints what it counted when it is interrupted.
        using var interrupt = Process.Start("kill", ["-INT", _perf.Id.ToString(CultureInfo.InvariantCulture)]);
        var output = await _perf.StandardError.ReadToEndAsync();
        await _perf.WaitForExitAsync();
        return Sum(output);
    }

    public ValueTask DisposeAsync()
    {
        if (!_perf.HasExited)
        {
            _perf.Kill();
        }

        _perf.Dispose();
        return ValueTask.CompletedTask;
    }

    private static Process Start(params string[] what) => Process.Start(
        new ProcessStartInfo("perf", ["stat", "-x", ",", "-e", "instructions:u,instructions:k", .. what]) { RedirectStandardError = true })!;

    /// <summary>Each line begins with a number, or with <c>&lt;not supported&gt;</c>.</summary>
    private static long Sum(string output) => output.Split('\n')
        .Sum(line => long.TryParse(line.Split(',')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0);
}
