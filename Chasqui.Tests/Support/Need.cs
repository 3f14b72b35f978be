using System.Collections.Concurrent;
using System.ComponentModel;

namespace Chasqui.Tests.Support;

/// <summary>What tests need of the machine: the name of a program, or one of these.</summary>
public static class Need
{
    public const string Root = "root";

    /// <summary>To mount a file system: root, with the capability to do so.</summary>
    public const string Mount = "mount of a file system";

    /// <summary>A loop device, and mkfs.ext4.</summary>
    public const string LoopDevice = "a loop device with ext4";

    /// <summary>strace, and the permission to trace.</summary>
    public const string Strace = "strace of a process";

    public const string PythonWebSockets = "a python3 with the package websockets";

    private static readonly ConcurrentDictionary<string, Lazy<string?>> Problems = new();

    private static readonly Lazy<string?> FoundPython =
        new(() => new[] { "python3", "/usr/bin/python3" }.FirstOrDefault(python => Try(python, "-c", "import websockets") is null));

    /// <summary>The first one with the package. Debian installs its packages for its own Python only.</summary>
    public static string Python => FoundPython.Value!;

    /// <summary>The reason to skip a test; <see langword="null"/> when the machine has what it needs.</summary>
    public static string? Problem(string need) => Problems.GetOrAdd(need, static need => new(() => Find(need))).Value;

    private static string? Find(string need) => need switch
    {
        Root => Environment.IsPrivilegedProcess ? null : "Needs root",
        Mount => MountProblem(),
        LoopDevice => Try("losetup", "--find") ?? Try("mkfs.ext4", "-V"),
        Strace => Try("strace", "-f", "-e", "trace=none", "true"),
        PythonWebSockets => FoundPython.Value is null ? $"Needs {need}" : null,
        _ => Programs.Find(need) is null ? $"Needs {need}" : null,
    };

    private static string? MountProblem()
    {
        using var folder = new TemporaryFolder();
        return Try("mount", "-t", "tmpfs", "-o", "size=1m", "chasqui", folder.Path) ?? Try("umount", folder.Path);
    }

    private static string? Try(string tool, params string[] arguments)
    {
        try
        {
            var (exitCode, output) = Programs.TryRun(tool, arguments);
            return exitCode == 0 ? null : $"Needs {tool} to work: {output}";
        }
        catch (Win32Exception)
        {
            return $"Needs {tool} and a shell";
        }
    }
}
