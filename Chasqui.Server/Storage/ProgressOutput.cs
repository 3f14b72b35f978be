namespace Chasqui.Server.Storage;

/// <summary>Prints progress: on a terminal it rewrites one line, elsewhere it prints one line per tenth.</summary>
internal sealed class ProgressOutput(TextWriter output, bool isTerminal)
{
    private const int LinesPerTask = 10;

    private string _task = "";
    private long _total;
    private long _next;
    private int _width;

    public void Begin(string task, long total, long done = 0)
    {
        (_task, _total, _width) = (task, total, 0);
        _next = done + Step;
        Report(done);
    }

    public void Report(long done)
    {
        if (isTerminal)
        {
            Rewrite(done);
        }
        else if (done >= _next && done < _total)
        {
            _next = done + Step;
            output.WriteLine(Line(done));
        }
    }

    public void End(long done)
    {
        if (isTerminal)
        {
            Rewrite(done);
            output.WriteLine();
        }
        else
        {
            output.WriteLine(Line(done));
        }
    }

    private long Step => Math.Max(1, _total / LinesPerTask);

    private string Line(long done) => string.Create(CultureInfo.InvariantCulture, $"{_task}: {done} of {_total}");

    private void Rewrite(long done)
    {
        var line = Line(done);
        output.Write('\r' + line.PadRight(_width));
        _width = line.Length;
    }
}
