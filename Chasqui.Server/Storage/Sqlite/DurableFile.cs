using System.Runtime.InteropServices;
using System.Text;

namespace Chasqui.Server.Storage.Sqlite;

/// <summary>A file that is there as a whole or not at all, also after a power cut.</summary>
internal static class DurableFile
{
    /// <summary>Brings a file to the disk and gives it its name, which must be nobody's.</summary>
    public static void MoveIntoPlace(string partial, string file)
    {
        using (var written = new FileStream(partial, FileMode.Open, FileAccess.ReadWrite))
        {
            written.Flush(flushToDisk: true);
        }

        File.Move(partial, file, overwrite: false);
        if (!OperatingSystem.IsWindows())
        {
            SyncFolder(Path.GetDirectoryName(Path.GetFullPath(file))!);
        }
    }

    /// <summary>The name is in the folder, which .NET does not open.</summary>
    private static void SyncFolder(string folder)
    {
        const int ReadOnly = 0;
        var descriptor = Open(Encoding.UTF8.GetBytes(folder + '\0'), ReadOnly);
        if (descriptor < 0)
        {
            throw new IOException($"The folder '{folder}' cannot be brought to the disk: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        var result = Sync(descriptor);
        var error = Marshal.GetLastPInvokeErrorMessage();
        _ = Close(descriptor);
        if (result != 0)
        {
            throw new IOException($"The folder '{folder}' cannot be brought to the disk: {error}");
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Sync(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int descriptor);
}
