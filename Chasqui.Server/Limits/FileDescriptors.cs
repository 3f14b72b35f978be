using System.Runtime.InteropServices;

namespace Chasqui.Server.Limits;

/// <summary>How many files and sockets this process may have open.</summary>
internal static class FileDescriptors
{
    private const int Linux = 7;
    private const int Bsd = 8;

    /// <summary>The limit of the operating system. .NET has raised the soft one to the hard one before anything else runs.</summary>
    /// <returns><see cref="int.MaxValue"/> where there is none, or none that can be asked for.</returns>
    public static int Limit()
    {
        if (OperatingSystem.IsWindows() || GetLimit(OperatingSystem.IsLinux() ? Linux : Bsd, out var limit) != 0)
        {
            return int.MaxValue;
        }

        return (int)Math.Min(limit.Soft, int.MaxValue);
    }

    [DllImport("libc", EntryPoint = "getrlimit")]
    private static extern int GetLimit(int resource, out ResourceLimit limit);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct ResourceLimit
    {
        public readonly nuint Soft;
        public readonly nuint Hard;
    }
}
