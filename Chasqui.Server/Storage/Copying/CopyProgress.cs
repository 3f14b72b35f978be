using System.Globalization;

namespace Chasqui.Server.Storage.Copying;

/// <summary>Says how far a copy is. On a terminal one line is written over; elsewhere, a tenth of a table is worth a line.</summary>
/// <param name="output">Where to say it.</param>
/// <param name="isTerminal">Whether that is a terminal.</param>
internal sealed class CopyProgress(TextWriter output, bool isTerminal)
{
    private const int LinesPerTable = 10;

    private string _doing = "";
    private long _all;
    private long _next;
    private int _width;

    public void Begin(string doing, long all, long done)
    {
        (_doing, _all) = (doing, all);
        _next = done + Step;
        if (isTerminal)
        {
            Write(done);
        }
    }

    public void Report(long done)
    {
        if (isTerminal)
        {
            Write(done);
        }
        else if (done >= _next && done < _all)
        {
            _next = done + Step;
            output.WriteLine(Line(done));
        }
    }

    public void End(long done)
    {
        if (isTerminal)
        {
            Write(done);
            output.WriteLine();
            _width = 0;
        }
        else
        {
            output.WriteLine(Line(done));
        }
    }

    private long Step => Math.Max(1, _all / LinesPerTable);

    private string Line(long done) => string.Create(CultureInfo.InvariantCulture, $"{_doing}: {done} of {_all}");

    private void Write(long done)
    {
        var line = Line(done);
        output.Write('\r' + line.PadRight(_width));
        _width = line.Length;
    }
}
