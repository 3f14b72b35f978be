namespace Chasqui.Server.Limits;

internal static class FileDescriptors
{
    private const int Linux = 7;
    private const int Bsd = 8;

    /// <summary>
    /// How many files and sockets this process may open. .NET raises the soft limit to the hard one at its start.
    /// </summary>
    /// <returns><see cref="int.MaxValue"/> where there is no limit, or none that can be read.</returns>
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
