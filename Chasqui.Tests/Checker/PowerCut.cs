using System.Runtime.InteropServices;
using Chasqui.Tests.Support;
using Microsoft.Win32.SafeHandles;

namespace Chasqui.Tests.Checker;

/// <summary>
/// What a power cut leaves of a disk, taken from the image behind a loop device. What the kernel still holds in memory
/// for the file system on it has not reached the image, and that is just what a power cut loses.
/// </summary>
/// <remarks>
/// <para>
/// A plain copy of a live image is of no single moment: its first block is older than its last, which no disk ever is.
/// fsfreeze, sync and umount make a moment, but write everything out first and so hide the very fault that is looked for.
/// Device mapper (snapshots, dm-log-writes) would be exact, and is missing in many a kernel. Two ways are left, and both are
/// used. <see cref="CopyWhileStopped"/> stops the server's process, not the file system, and copies until a copy was made
/// during which nothing was written to the device. <see cref="Shutdown"/> is what xfstests cut the power with: from that
/// call on the file system writes nothing more, neither data nor journal, at any moment of the server.
/// </para>
/// <para>
/// What this cannot show: a disk that lies about its own cache. Writes that the file system has handed to the device count
/// as kept, whether or not a flush followed.
/// </para>
/// </remarks>
internal static class PowerCut
{
    private const int MaxAttempts = 20;
    private const int NoLogFlush = 2;

    /// <summary><c>EXT4_IOC_SHUTDOWN</c>: <c>_IOR('X', 125, __u32)</c>.</summary>
    private const nuint ShutdownRequest = 0x8004587D;

    /// <summary>Copies the image as it is at one moment, while the server's process is stopped.</summary>
    public static void CopyWhileStopped(string image, string copy)
    {
        var statistics = $"/sys/block/{Path.GetFileName(LoopDevice(image))}/stat";
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var before = Writes(statistics);
            Programs.Run("cp", "--sparse=always", image, copy);
            if (before is { UnderWay: 0 } && before == Writes(statistics))
            {
                return;
            }
        }

        throw new InvalidOperationException($"The file system on {image} does not come to rest");
    }

    /// <summary>
    /// Ends the file system that a file is on, as a power cut would. An fsync that is under way meanwhile may say that it
    /// succeeded, and what it was for is not in the image (Linux 6.18, seen with a program that only writes and syncs).
    /// A real power cut ends the process too, so only what was acknowledged before counts.
    /// </summary>
    public static void Shutdown(string file)
    {
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var flags = NoLogFlush;
        if (Control(handle, ShutdownRequest, ref flags) != 0)
        {
            throw new System.ComponentModel.Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    private static string LoopDevice(string image) =>
        Programs.Run("losetup", "--associated", image, "--noheadings", "--output", "NAME").Trim();

    // https://docs.kernel.org/block/stat.html
    private static (string Completed, int UnderWay) Writes(string statistics)
    {
        var fields = File.ReadAllText(statistics).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (fields[4], int.Parse(fields[8], System.Globalization.CultureInfo.InvariantCulture));
    }

    [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static extern int Control(SafeFileHandle file, nuint request, ref int argument);
}
