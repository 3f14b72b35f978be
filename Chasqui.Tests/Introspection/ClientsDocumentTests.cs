using System.Text.RegularExpressions;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Introspection;

/// <summary><c>docs/clients.md</c> links every example, and its excerpts are parts of them.</summary>
public sealed partial class ClientsDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "clients.md"));

    private static readonly string[] Files =
        ["raw-browser/chat.html", "raw-python/chat.py", "signalr-csharp/Chat.cs", "signalr-javascript/chat.js"];

    [Fact]
    public void EveryExampleIsLinked() =>
        Assert.All(Files, file => Assert.Contains($"[examples/{file}](../examples/{file})", Document, StringComparison.Ordinal));

    [Fact]
    public void EveryExcerptIsInItsExample()
    {
        var excerpts = Excerpt().Matches(Document).Select(match => match.Groups[1].Value).ToArray();

        Assert.Equal(Files.Length, excerpts.Length);
        Assert.All(Files.Zip(excerpts), pair =>
            Assert.Contains(pair.Second, File.ReadAllText(Path.Combine(Repository.Root, "examples", pair.First)), StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^```\w+\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Excerpt();
}
