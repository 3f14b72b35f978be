using System.Text.RegularExpressions;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Introspection;

/// <summary>Every relative link of a document leads to a file, and to a heading where it names one.</summary>
public sealed partial class DocumentLinkTests
{
    private static readonly string[] Documents =
    [
        .. Directory.GetFiles(Repository.Root, "*.md"),
        .. Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories),
        .. Directory.GetFiles(Path.Combine(Repository.Root, ".github"), "*.md", SearchOption.AllDirectories),
    ];

    [Fact]
    public void EveryRelativeLinkLeadsSomewhere()
    {
        var broken = Documents.SelectMany(document => Links(document)
            .Where(link => !Exists(document, link))
            .Select(link => $"{Path.GetRelativePath(Repository.Root, document)}: {link}"));

        Assert.Empty(broken);
    }

    private static IEnumerable<string> Links(string document) => Link().Matches(CodeBlock().Replace(File.ReadAllText(document), ""))
        .Select(match => match.Groups[1].Value)
        .Where(link => !link.Contains("://", StringComparison.Ordinal));

    private static bool Exists(string document, string link)
    {
        var parts = link.Split('#');
        var target = parts[0].Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, parts[0]);
        return Path.Exists(target)
            && (parts.Length == 1 || Heading().Matches(File.ReadAllText(target)).Any(match => Anchor(match.Groups[1].Value) == parts[1]));
    }

    /// <summary>As GitHub makes it: lower case, punctuation left out, hyphens for spaces.</summary>
    private static string Anchor(string heading) => Punctuation().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"(?:\]\(|src="")([^)\s""]+)")]
    private static partial Regex Link();

    [GeneratedRegex("^```.*?^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Punctuation();
}
