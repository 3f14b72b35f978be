namespace Chasqui.Tests.Checker;

/// <summary>What a fault needs of the machine that the tests run on.</summary>
[Flags]
internal enum Needs
{
    /// <summary>To mount a file system: root, with the capability to do so.</summary>
    Mount = 1,

    /// <summary>A loop device, and mkfs.ext4.</summary>
    LoopDevice = 2,

    /// <summary>strace, and leave to trace.</summary>
    Strace = 4,
}

/// <summary>A test that injects a fault into the system below the server; skipped, with the reason, where it cannot.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactNeedingRootAttribute : FactAttribute
{
    private static readonly Lazy<string?> Mount = new(MountProblem);
    private static readonly Lazy<string?> LoopDevice = new(() => Problem("losetup", ["--find"]) ?? Problem("mkfs.ext4", ["-V"]));
    private static readonly Lazy<string?> Strace = new(() => Problem("strace", ["-f", "-e", "trace=none", "true"]));

    public FactNeedingRootAttribute(Needs needs) => Skip =
        (needs.HasFlag(Needs.Mount) ? Mount.Value : null)
        ?? (needs.HasFlag(Needs.LoopDevice) ? LoopDevice.Value : null)
        ?? (needs.HasFlag(Needs.Strace) ? Strace.Value : null);

    private static string? MountProblem()
    {
        var folder = Directory.CreateTempSubdirectory("chasqui-mount-").FullName;
        try
        {
            return Problem("mount", ["-t", "tmpfs", "-o", "size=1m", "chasqui", folder]) ?? Problem("umount", [folder]);
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    private static string? Problem(string tool, string[] arguments)
    {
        try
        {
            return Command.TryRun(tool, arguments, out var said) ? null : $"needs {tool} to work: {said}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return $"needs {tool}";
        }
    }
}
