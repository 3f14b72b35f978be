using System.Globalization;

namespace Chasqui.Server.CommandLine;

/// <summary>Says how much of something is done: at a terminal in one line, elsewhere in a line for each tenth.</summary>
internal sealed class ProgressOutput(TextWriter output, bool overwrites)
{
    private int _shown = -1;

    /// <param name="done">From 0 to 1; called with 1 once, at the end.</param>
    public void Show(double done)
    {
        var percent = overwrites ? (int)(done * 100) : (int)(done * 10) * 10;
        if (percent == _shown)
        {
            return;
        }

        _shown = percent;
        var text = percent.ToString(CultureInfo.InvariantCulture) + " %" + (percent == 100 ? " copied; checking it" : "");
        if (!overwrites)
        {
            output.WriteLine(text);
        }
        else if (percent == 100)
        {
            output.WriteLine("\r" + text);
        }
        else
        {
            output.Write("\r" + text);
        }
    }
}
