using System.Globalization;

namespace Chasqui.Bench.Measuring;

/// <summary>What the system knows of a process, as it stands in <c>/proc</c>.</summary>
internal readonly struct ProcessFigures(int process)
{
    // Linux counts processor time in hundredths of a second (USER_HZ), on every machine.
    private const double TicksPerSecond = 100;

    public int Id => process;

    /// <summary>The processor time so far, of all its threads, in user and kernel mode.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            // pid (name) state ppid …: the name may hold anything, so the fields are counted from its end.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            return TimeSpan.FromSeconds(ticks / TicksPerSecond);
        }
    }

    /// <summary>The memory that it holds, in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
    }
}
