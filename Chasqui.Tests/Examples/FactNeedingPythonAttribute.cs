using System.Diagnostics;

namespace Chasqui.Tests.Examples;

/// <summary>A test that drives a Python which has the package <c>websockets</c>; without one it is skipped and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactNeedingPythonAttribute : FactAttribute
{
    private static readonly Lazy<string?> Found = new(Find);

    public FactNeedingPythonAttribute() => Skip = Found.Value is null ? "Needs a python3 with the package websockets" : null;

    /// <summary>The first one that has it. A machine can have several, of which the one of its packages has theirs.</summary>
    public static string Python => Found.Value!;

    private static string? Find() => new[] { "python3", "/usr/bin/python3" }.FirstOrDefault(HasWebSockets);

    private static bool HasWebSockets(string python)
    {
        try
        {
            using var asked = Process.Start(new ProcessStartInfo(python, ["-c", "import websockets"]) { RedirectStandardError = true })!;
            asked.StandardError.ReadToEnd();
            asked.WaitForExit();
            return asked.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
