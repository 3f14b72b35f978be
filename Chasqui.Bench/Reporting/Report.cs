using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Chasqui.Bench.Servers;

namespace Chasqui.Bench.Reporting;

/// <summary>Gathers the figures, and writes them as a table for people and as JSON for programs.</summary>
internal sealed class Report(BenchOptions options)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly Machine _machine = Machine.Read();
    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow;
    private readonly List<Figure> _figures = [];

    private static string Version =>
        typeof(ChasquiTarget).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public void Add(string scenario, string name, string unit, string target, double value)
    {
        var figure = _figures.Find(figure => figure.Scenario == scenario && figure.Name == name);
        if (figure is null)
        {
            _figures.Add(figure = new Figure(scenario, name, unit));
        }

        if (!figure.Rounds.TryGetValue(target, out var values))
        {
            figure.Rounds.Add(target, values = []);
        }

        values.Add(value);
    }

    /// <summary>Prints the table, and writes it and the JSON into the folder for output.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var table = Table();
        Console.WriteLine(table);
        Directory.CreateDirectory(options.Output);
        await File.WriteAllTextAsync(Path.Combine(options.Output, "bench.md"), table, cancellationToken);
        var json = new { version = Version, started = _started, machine = _machine, options, figures = _figures };
        await File.WriteAllTextAsync(
            Path.Combine(options.Output, "bench.json"), JsonSerializer.Serialize(json, Json) + "\n", cancellationToken);
    }

    private string Table()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"""
            Chasqui {Version} on {_machine.Runtime}, {_machine.System}.
            {_machine.Processor}, {_machine.Cores} cores shared with the load, {_machine.MemoryGiB} GiB; load average at the start {_machine.Load}.
            Medians of {options.Rounds} rounds of {options.Round.TotalSeconds:F0} s each, the servers taking turns; a ratio is the median of the rounds' ratios.
            """);
        AppendTable(
            text,
            [ChasquiTarget.Chasqui, ChasquiTarget.Against, BaselineTarget.Bare, BaselineTarget.Stock, BaselineTarget.Nchan],
            ChasquiTarget.Chasqui);
        AppendTable(text, [ChasquiTarget.Chasqui, ChasquiTarget.Shared], ChasquiTarget.Shared);
        return text.ToString();
    }

    /// <summary>A table of the figures that were taken of one target, and its ratios to the others.</summary>
    private void AppendTable(StringBuilder text, string[] targets, string of)
    {
        var figures = _figures.Where(figure => figure.Rounds.ContainsKey(of) && figure.Rounds.Keys.All(targets.Contains)).ToList();
        if (figures.Count == 0)
        {
            return;
        }

        // A target without figures has no column.
        targets = [.. targets.Where(target => figures.Exists(figure => figure.Rounds.ContainsKey(target)))];
        string[] others = [.. targets.Where(target => target != of)];
        text.AppendLine(CultureInfo.InvariantCulture, $"""

            | scenario | figure | {string.Join(" | ", targets)} | {string.Join(" | ", others.Select(other => "÷ " + other))} |
            |---|---|{string.Concat(Enumerable.Repeat("---:|", targets.Length + others.Length))}
            """);
        foreach (var figure in figures)
        {
            var unit = figure.Unit.Length > 0 ? $", {figure.Unit}" : "";
            var medians = targets.Select(target => Number(figure.MedianOf(target)));
            var ratios = others.Select(other => Ratio(figure, of, other));
            text.AppendLine(CultureInfo.InvariantCulture, $"| {figure.Scenario} | {figure.Name}{unit} | {string.Join(" | ", medians)} | {string.Join(" | ", ratios)} |");
        }
    }

    private static string Ratio(Figure figure, string of, string other) =>
        figure.Ratio(of, other)?.ToString("F2", CultureInfo.InvariantCulture) ?? "";

    private static string Number(double? value) => value switch
    {
        null => "",
        >= 100 => value.Value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.Value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("F2", CultureInfo.InvariantCulture),
    };
}
