using System.Runtime.InteropServices;

namespace Chasqui.Server.Accounts;

/// <summary>Makes the calling thread give way to all others of the process.</summary>
internal static class LowPriority
{
    private const int ThisThread = 0;
    private const int PrioProcess = 0;
    private const int Nice = 19;

    public static void Take()
    {
        if (OperatingSystem.IsLinux())
        {
            // .NET's priorities do nothing there. Linux keeps a nice value for each thread, whatever POSIX says of processes.
            // Where a sandbox forbids it, the thread runs like any other.
            _ = SetPriority(PrioProcess, ThisThread, Nice);
        }
        else
        {
            Thread.CurrentThread.Priority = ThreadPriority.Lowest;
        }
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    private static extern int SetPriority(int which, int who, int nice);
}
