using System.Text.RegularExpressions;

namespace Chasqui.Tests.Authorization;

/// <summary>Reads the tables of the <see cref="Matrix"/>.</summary>
internal static partial class MatrixTable
{
    private static readonly Caller[] Everywhere = [.. Enum.GetValues<Caller>().Where(caller => caller < Caller.Expires)];

    /// <summary>Each cell: the row's two words, the caller and the answer.</summary>
    public static TheoryData<string, string, Caller, string> Cells(string table)
    {
        var lines = table.Split('\n');
        var callers = lines[0].Split('|')[1..^1].Select(name => Enum.Parse<Caller>(name.Trim(), ignoreCase: true)).ToArray();
        Assert.Equal(Everywhere, callers[..Everywhere.Length]);

        var cells = new TheoryData<string, string, Caller, string>();
        foreach (var line in lines[1..])
        {
            var (first, second) = Row(line);
            var answers = line.Split('|')[1..^1];
            Assert.True(answers.Length == callers.Length, $"Not as many cells as columns: {line}");
            for (var i = 0; i < callers.Length; i++)
            {
                cells.Add(first, second, callers[i], answers[i].Trim());
            }
        }

        return cells;
    }

    /// <summary>The two words that each row begins with: what is called, and with what.</summary>
    public static IEnumerable<(string First, string Second)> Rows(string table) => table.Split('\n')[1..].Select(Row);

    private static (string First, string Second) Row(string line)
    {
        var words = Gap().Split(line[..line.IndexOf('|', StringComparison.Ordinal)].Trim());
        return (words[0], words.ElementAtOrDefault(1) ?? "");
    }

    [GeneratedRegex(" {2,}")]
    private static partial Regex Gap();
}
