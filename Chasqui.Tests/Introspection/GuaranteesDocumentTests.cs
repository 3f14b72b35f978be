using System.Text.RegularExpressions;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Introspection;

/// <summary>Every promise in <c>docs/guarantees.md</c> names tests that exist.</summary>
public sealed partial class GuaranteesDocumentTests
{
    private static readonly string[] Rows = [.. File.ReadLines(Path.Combine(Repository.Root, "docs", "guarantees.md"))
        .SkipWhile(line => !line.StartsWith("| promise |", StringComparison.Ordinal))
        .Skip(2)
        .TakeWhile(line => line.StartsWith('|'))];

    [Fact]
    public void EveryNamedTestExists()
    {
        var classes = typeof(GuaranteesDocumentTests).Assembly.GetTypes().Select(type => type.Name).ToHashSet();

        Assert.All(Rows.SelectMany(row => TestClass().Matches(row)), match => Assert.Contains(match.Groups[1].Value, classes));
    }

    [Fact]
    public void EveryRowNamesATest()
    {
        Assert.NotEmpty(Rows);
        Assert.All(Rows, row => Assert.Matches(TestClass(), row.Split(" | ")[^1]));
    }

    [GeneratedRegex("`([A-Za-z]+Tests)`")]
    private static partial Regex TestClass();
}
