using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Chasqui.Server.Accounts;
using Chasqui.Server.Configuration;
using Chasqui.Server.Introspection;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Introspection;

/// <summary>
/// The settings in <c>docs/configuration.md</c> are rendered from the options classes. With <c>CHASQUI_UPDATE_DOCS=1</c> the test
/// writes them into the document.
/// </summary>
public sealed partial class ConfigurationDocumentTests
{
    private static readonly string Document = Path.Combine(Repository.Root, "docs", "configuration.md");

    private static readonly Type[] Options = [.. typeof(AccountOptions).Assembly.GetTypes()
        .Where(type => type.IsClass && type.IsAssignableTo(typeof(IOptionsSection)))
        .OrderBy(Section, StringComparer.Ordinal)];

    [Fact]
    public async Task SettingsAreThoseOfTheOptionsClasses()
    {
        var written = await File.ReadAllTextAsync(Document);
        var rendered = Generated().Replace(written, match => match.Groups[1].Value + Render() + match.Groups[2].Value);
        if (Environment.GetEnvironmentVariable("CHASQUI_UPDATE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(Document, rendered);
            return;
        }

        Assert.Matches(Generated(), written);
        Assert.Equal(rendered, written);
    }

    [Fact]
    public async Task EverySettingIsListed()
    {
        var document = await File.ReadAllTextAsync(Document);

        Assert.NotEmpty(Options);
        Assert.All(Options.SelectMany(Settings), setting =>
            Assert.Contains($"| `{Section(setting.DeclaringType!)}:{setting.Name}` |", document, StringComparison.Ordinal));
    }

    /// <summary>In every document, so that a setting that is gone is named nowhere.</summary>
    [Fact]
    public void DocumentsNameOnlySettingsThatExist()
    {
        var known = Options.SelectMany(Settings).Select(setting => $"{Section(setting.DeclaringType!)}:{setting.Name}").ToHashSet();
        var named = new Regex($@"\b(?:{string.Join('|', Options.Select(Section))}):[A-Z]\w+");
        var documents = Directory.GetFiles(Repository.Root, "*.md")
            .Concat(Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories));

        Assert.All(documents, document =>
            Assert.All(named.Matches(File.ReadAllText(document)), match => Assert.Contains(match.Value, known)));
    }

    private static string Render()
    {
        var comments = new XmlComments(typeof(AccountOptions).Assembly);
        var text = new StringBuilder();
        foreach (var type in Options)
        {
            text.Append(CultureInfo.InvariantCulture, $"### {Section(type)}\n\n{comments.Summary(type)}\n\n");
            text.Append("| setting | environment variable | default | values | meaning |\n|---|---|---|---|---|\n");
            foreach (var setting in Settings(type))
            {
                var name = $"{Section(type)}:{setting.Name}";
                text.Append(CultureInfo.InvariantCulture, $"| `{name}` | `{name.Replace(":", "__", StringComparison.Ordinal)}` ");
                text.Append(CultureInfo.InvariantCulture, $"| {Default(setting)} | {Values(setting)} | {comments.Summary(setting)} |\n");
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<PropertyInfo> Settings(Type options) => options.GetProperties()
        .Where(property => property.CanWrite)
        .OrderBy(property => property.Name, StringComparer.Ordinal);

    private static string Section(Type options) => (string)options.GetProperty(nameof(IOptionsSection.Section))!.GetValue(null)!;

    private static string Default(PropertyInfo setting) => setting.GetValue(Activator.CreateInstance(setting.DeclaringType!)) switch
    {
        null or Array { Length: 0 } => "none",
        bool value => value ? "`true`" : "`false`",
        var value => string.Create(CultureInfo.InvariantCulture, $"`{value}`"),
    };

    private static string Values(PropertyInfo setting)
    {
        if (setting.PropertyType == typeof(bool))
        {
            return "`true` or `false`";
        }

        if (setting.PropertyType.IsArray)
        {
            return "list";
        }

        return setting.GetCustomAttribute<RangeAttribute>() is { } range ? $"{range.Minimum} to {range.Maximum}{Unit(setting)}" : "text";
    }

    private static string Unit(PropertyInfo setting) =>
        setting.PropertyType == typeof(TimeSpan) ? " (`d.hh:mm:ss`)"
        : setting.Name.Contains("Bytes", StringComparison.Ordinal) ? " bytes"
        : setting.Name.EndsWith("Seconds", StringComparison.Ordinal) ? " s"
        : "";

    [GeneratedRegex("(<!-- Generated from [^\n]*-->\n).*(<!-- End of the generated part. -->)", RegexOptions.Singleline)]
    private static partial Regex Generated();
}
