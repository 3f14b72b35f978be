using System.Text.RegularExpressions;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Introspection;

/// <summary>The README promises what it shows.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Readme = Path.Combine(Repository.Root, "README.md");

    [Fact, Needs("bash", "curl", "node")]
    public async Task TheQuickstartPrintsWhatTheReadmeShows()
    {
        var blocks = Block().Matches(Section("Quickstart")).Select(match => (Kind: match.Groups[1].Value, Text: match.Groups[2].Value)).ToArray();
        var commands = string.Concat(blocks.Where(block => block.Kind == "bash").Select(block => block.Text));
        var shown = string.Concat(blocks.Where(block => block.Kind != "bash").Select(block => block.Text));
        using var folder = new TemporaryFolder();
        await using var server = ServerProcess.Start(folder.Path, environment: null, "--urls", "http://127.0.0.1:0");

        var ended = await Programs.RunAsync(
            "bash", folder.Path, ["-euc", commands], new Dictionary<string, string> { ["CHASQUI_URL"] = await server.UrlAsync() });

        Assert.Equal("", ended.Errors);
        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(Normal(shown), Normal(ended.Output));
    }

    [Fact]
    public void ReadmeHasAtMost250Lines() => Assert.InRange(File.ReadAllLines(Readme).Length, 1, 250);

    /// <summary>
    /// What two runs have in common. Ids are numbered as they come, so that it still shows which of them are the same.
    /// </summary>
    private static string Normal(string text)
    {
        var ids = new Dictionary<string, string>();
        text = Uuid().Replace(text, id =>
        {
            ids.TryAdd(id.Value, $"<uuid {ids.Count + 1}>");
            return ids[id.Value];
        });
        return Token().Replace(Time().Replace(text, "<time>"), "<token>");
    }

    private static string Section(string heading)
    {
        var readme = File.ReadAllText(Readme);
        return readme.Split("\n## ").Single(section => section.StartsWith(heading + "\n", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^```(\w+)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")]
    private static partial Regex Time();

    [GeneratedRegex(@"eyJ(…|[\w.-]+)")]
    private static partial Regex Token();
}
