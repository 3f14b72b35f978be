namespace Chasqui.Server.Introspection;

/// <summary>Text for a terminal: headings, paragraphs, and tables whose last column wraps.</summary>
internal sealed class ListingPage(TextWriter output)
{
    private const int Width = 110;
    private const int Gap = 2;

    public void Heading(string text)
    {
        output.WriteLine();
        output.WriteLine(text);
        output.WriteLine(new string('=', text.Length));
    }

    public void Line(string text = "") => output.WriteLine(text);

    public void Paragraph(string? text, int indent = 0)
    {
        foreach (var line in Wrap(text ?? "", Width - indent))
        {
            output.WriteLine(new string(' ', indent) + line);
        }
    }

    /// <summary>Rows with the same number of cells. A column is as wide as its widest cell; the last one wraps.</summary>
    public void Table(int indent, IReadOnlyList<string?[]> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        var last = rows[0].Length - 1;
        var widths = Enumerable.Range(0, last)
            .Select(column => rows.Max(row => row[column]?.Length ?? 0))
            .Select(width => width == 0 ? 0 : width + Gap)
            .ToArray();
        var start = indent + widths.Sum();
        foreach (var row in rows)
        {
            var cells = widths.Select((width, column) => (row[column] ?? "").PadRight(width));
            var lead = new string(' ', indent) + string.Concat(cells);
            foreach (var line in Wrap(row[last] ?? "", Width - start).DefaultIfEmpty(""))
            {
                output.WriteLine((lead + line).TrimEnd());
                lead = new string(' ', start);
            }
        }
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? word : line + " " + word;
        }

        if (line.Length > 0)
        {
            yield return line;
        }
    }
}
