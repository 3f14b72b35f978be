using System.Globalization;
using System.Text.RegularExpressions;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Introspection;

/// <summary>
/// The tables of <c>docs/security</c> name code and tests that exist, and leave no requirement out; SECURITY.md stays short.
/// </summary>
public sealed partial class SecurityDocumentTests
{
    /// <summary>The requirements of level 1 and 2 in OWASP ASVS 5.0.0: each section, and the numbers of its first and last one.</summary>
    private const string LevelsOneAndTwo = """
        1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2 2.1:1-3 2.2:1-3 2.3:1-4 2.4:1-1 3.2:1-2 3.3:1-4 3.4:1-6 3.5:1-5 3.7:1-2
        4.1:1-3 4.2:1-1 4.3:1-2 4.4:1-4 5.1:1-1 5.2:1-3 5.3:1-2 5.4:1-3 6.1:1-3 6.2:1-12 6.3:1-4 6.4:1-4 6.5:1-5 6.6:1-3
        6.8:1-4 7.1:1-3 7.2:1-4 7.3:1-2 7.4:1-5 7.5:1-2 7.6:1-2 8.1:1-2 8.2:1-3 8.3:1-1 8.4:1-1 9.1:1-3 9.2:1-4 10.1:1-2
        10.2:1-2 10.3:1-4 10.4:1-11 10.5:1-5 10.6:1-2 10.7:1-3 11.1:1-2 11.2:1-3 11.3:1-3 11.4:1-4 11.5:1-1 11.6:1-1
        12.1:1-3 12.2:1-2 12.3:1-4 13.1:1-1 13.2:1-5 13.3:1-2 13.4:1-5 14.1:1-2 14.2:1-4 14.3:1-3 15.1:1-3 15.2:1-3
        15.3:1-7 16.1:1-1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3 17.1:1-1 17.2:1-4 17.3:1-2
        """;

    private static readonly string Folder = Path.Combine(Repository.Root, "docs", "security");

    private static readonly string Asvs = File.ReadAllText(Path.Combine(Folder, "asvs.md"));

    /// <summary>The cells of every row with a state in it: what is asked for, state, how, code, test.</summary>
    private static readonly string[][] Rows = [.. (Asvs + File.ReadAllText(Path.Combine(Folder, "websocket.md"))).Split('\n')
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
        .Select(line => line.Trim('|', ' ').Split(" | "))
        .Where(cells => cells.Length == 5 && cells[1] != "state")];

    [Fact]
    public void EveryRequirementOfLevelOneAndTwoIsAccountedForOnce()
    {
        var expected = LevelsOneAndTwo.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(section => Numbers(section[..section.IndexOf(':', StringComparison.Ordinal)], section[(section.IndexOf(':', StringComparison.Ordinal) + 1)..]))
            .Order();

        Assert.Equal(expected, Rows.SelectMany(Requirements).Order());
    }

    [Fact]
    public void TheStatesAreCounted()
    {
        var counts = Rows.SelectMany(row => Requirements(row).Select(_ => row[1])).CountBy(state => state).ToDictionary();

        Assert.Equal(counts, State().Matches(Asvs).ToDictionary(
            match => match.Groups[1].Value, match => int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void MetRequirementsNameTheirCode() =>
        Assert.All(Rows.Where(row => row[1] is "met" or "partly"), row => Assert.NotEmpty(References(row[3])));

    [Fact]
    public void TheCodeThatIsNamedIsThere()
    {
        Assert.All(Rows.SelectMany(row => References(row[3])), name => Assert.True(
            Path.Exists(Path.Combine(Repository.Root, name)) || Path.Exists(Path.Combine(Repository.Root, "Chasqui.Server", name)),
            $"There is no {name}"));
    }

    [Fact]
    public void TheTestsThatAreNamedAreThere()
    {
        var types = typeof(SecurityDocumentTests).Assembly.GetTypes().Where(type => type.Name.EndsWith("Tests", StringComparison.Ordinal)).Select(type => type.Name).ToHashSet();

        Assert.NotEmpty(Rows);
        Assert.All(Rows.SelectMany(row => References(row[4])), name => Assert.Contains(name, types));
    }

    [Fact]
    public void SecurityHasAtMost100Lines() =>
        Assert.InRange(File.ReadAllLines(Path.Combine(Repository.Root, "SECURITY.md")).Length, 1, 100);

    private static IEnumerable<string> Requirements(string[] row) =>
        Requirement().Matches(row[0]).SelectMany(match => Numbers(match.Groups[1].Value, match.Groups[2].Value));

    private static IEnumerable<string> Numbers(string section, string range)
    {
        var ends = range.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture)).ToArray();
        return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1).Select(number => $"{section}.{number.ToString(CultureInfo.InvariantCulture)}");
    }

    private static IEnumerable<string> References(string cell) => Reference().Matches(cell).Select(match => match.Groups[1].Value);

    /// <summary>One requirement (<c>6.2.4</c>) or several in a row (<c>6.2.4-7</c>).</summary>
    [GeneratedRegex(@"\b(\d+\.\d+)\.(\d+(?:-\d+)?)\b")]
    private static partial Regex Requirement();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Reference();

    /// <summary>A row of the table that counts them.</summary>
    [GeneratedRegex(@"^\| ([a-z ]+) \| (\d+) \|", RegexOptions.Multiline)]
    private static partial Regex State();
}
