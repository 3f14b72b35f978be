using System.Collections.Concurrent;
using System.Diagnostics;

namespace Chasqui.Tests.Checker;

/// <summary>Runs a tool of the system to its end.</summary>
internal static class Command
{
    private const int DeadlineMs = 60_000;

    /// <exception cref="InvalidOperationException">It failed; the message holds what it said.</exception>
    public static string Run(string file, params string[] arguments) =>
        TryRun(file, arguments, out var said) ? said : throw new InvalidOperationException($"{file} failed: {said}");

    public static bool TryRun(string file, string[] arguments, out string said)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        var lines = new ConcurrentQueue<string?>();
        process.OutputDataReceived += (_, line) => lines.Enqueue(line.Data);
        process.ErrorDataReceived += (_, line) => lines.Enqueue(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(DeadlineMs))
        {
            process.Kill();
        }

        // Without a time it waits for the end of the output too.
        process.WaitForExit();
        said = string.Join(Environment.NewLine, lines.Where(line => !string.IsNullOrEmpty(line)));
        return process.ExitCode == 0;
    }
}
