using System.Text.RegularExpressions;
using Chasqui.Server.Accounts;
using Chasqui.Server.Configuration;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Hosting;

/// <summary>The files of <c>deploy/</c> name what there is.</summary>
public sealed partial class DeployTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "deploy");

    [Theory]
    [InlineData("compose.yaml")]
    [InlineData("Containerfile")]
    [InlineData("chasqui.service")]
    public async Task EverySettingIsOneOfTheServer(string file)
    {
        var known = typeof(AccountOptions).Assembly.GetTypes()
            .Where(type => type.IsClass && type.IsAssignableTo(typeof(IOptionsSection)))
            .SelectMany(type => type.GetProperties().Where(property => property.CanWrite).Select(property =>
                $"{type.GetProperty(nameof(IOptionsSection.Section))!.GetValue(null)}__{property.Name}"));

        var named = Setting().Matches(await File.ReadAllTextAsync(Path.Combine(Folder, file))).Select(match => match.Value);

        Assert.NotEmpty(named);
        Assert.Empty(named.Except(known));
    }

    [Fact]
    public async Task EverythingThatTheContainerIsBuiltFromIsThereAndNotIgnored()
    {
        var let = (await File.ReadAllLinesAsync(Path.Combine(Repository.Root, ".dockerignore")))
            .Where(line => line.StartsWith('!'))
            .Select(line => line[1..]);

        var copied = Copied().Matches(await File.ReadAllTextAsync(Path.Combine(Folder, "Containerfile")))
            .SelectMany(match => match.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToArray();

        Assert.NotEmpty(copied);
        Assert.All(copied, path => Assert.True(Path.Exists(Path.Combine(Repository.Root, path)), path));
        Assert.Empty(copied.Select(path => path.Split('/')[0]).Except(let));
    }

    [GeneratedRegex(@"\b[A-Z][a-z]+__\w+")]
    private static partial Regex Setting();

    /// <summary>What comes from the checkout: all but the last word, which is where it goes.</summary>
    [GeneratedRegex("^COPY (?!--from)(.+) [^ ]+$", RegexOptions.Multiline)]
    private static partial Regex Copied();
}
