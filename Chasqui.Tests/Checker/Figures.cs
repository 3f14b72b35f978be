using Xunit.Abstractions;

namespace Chasqui.Tests.Checker;

internal static class Figures
{
    /// <summary>Prints a line of figures; <c>CHASQUI_FIGURES</c> names a file that collects them over a whole test run.</summary>
    public static void Print(ITestOutputHelper output, string line)
    {
        output.WriteLine(line);
        if (Environment.GetEnvironmentVariable("CHASQUI_FIGURES") is { Length: > 0 } file)
        {
            File.AppendAllText(file, line + Environment.NewLine);
        }
    }
}
