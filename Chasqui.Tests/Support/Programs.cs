using System.Diagnostics;

namespace Chasqui.Tests.Support;

/// <summary>What a program said, and how it ended.</summary>
public sealed record Ended(int ExitCode, string Output, string Errors);

/// <summary>Runs programs to their end.</summary>
public static class Programs
{
    public static readonly string ServerDll = Path.Combine(AppContext.BaseDirectory, "Chasqui.Server.dll");

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>Where a program of the machine is; nowhere, if it is not installed.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .SelectMany(folder => new[] { Path.Combine(folder, program), Path.Combine(folder, program + ".exe") })
        .FirstOrDefault(File.Exists);

    /// <summary>Runs the built server in a folder.</summary>
    public static Task<Ended> RunServerAsync(string folder, params string[] arguments) =>
        RunAsync("dotnet", folder, [ServerDll, .. arguments]);

    /// <summary>Runs the built server in a folder and types something.</summary>
    public static Task<Ended> TypeToServerAsync(string input, string folder, params string[] arguments) =>
        RunAsync("dotnet", folder, [ServerDll, .. arguments], input: input);

    /// <summary>Runs a tool of the system, which has to succeed, and gives its output.</summary>
    public static string Run(string tool, params string[] arguments) => TryRun(tool, arguments) switch
    {
        (0, var output) => output,
        var (_, output) => throw new InvalidOperationException($"{tool} failed: {output}"),
    };

    /// <summary>Runs a tool of the system to its end. A tool that is missing has the exit code 127.</summary>
    public static (int ExitCode, string Output) TryRun(string tool, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo("sh", ["-c", "exec \"$@\" 2>&1", "sh", tool, .. arguments]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    public static async Task<Ended> RunAsync(
        string program, string folder, string[] arguments, IReadOnlyDictionary<string, string>? environment = null, string input = "")
    {
        using var process = Process.Start(Describe(program, folder, arguments, environment))!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(Deadline);
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return new Ended(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    internal static ProcessStartInfo Describe(
        string program, string folder, string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return start;
    }
}
