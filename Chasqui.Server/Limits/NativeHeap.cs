namespace Chasqui.Server.Limits;

/// <summary>The memory of native libraries: OpenSSL, SQLite.</summary>
internal static class NativeHeap
{
    /// <summary>Gives back what is free: glibc keeps it otherwise, after an attack for good.</summary>
    public static void Trim()
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                _ = MallocTrim(pad: 0);
            }
            catch (EntryPointNotFoundException)
            {
                // Another C library.
            }
        }
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int MallocTrim(nuint pad);
}
