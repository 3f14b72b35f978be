using System.CommandLine;
using System.Text.RegularExpressions;
using Chasqui.Server.Accounts;
using Chasqui.Server.Cluster;
using Chasqui.Server.Configuration;
using Chasqui.Server.Delivery;
using Chasqui.Server.Hosting;
using Chasqui.Server.Http;
using Chasqui.Server.Introspection;
using Chasqui.Server.Limits;
using Chasqui.Server.Storage;

namespace Chasqui.Server.CommandLine;

/// <summary>
/// The settings as options of the command line, read from the options classes: a mistyped setting is refused, and each one has a
/// description.
/// </summary>
internal sealed partial class Settings
{
    private readonly List<Option<string[]>> _options;

    /// <param name="arguments">The command line, as <see cref="Normalize"/> gives it.</param>
    /// <param name="shown">Which settings the help shows. The others are accepted too.</param>
    public Settings(IReadOnlyList<string> arguments, Func<string, bool> shown)
    {
        // Reading the descriptions is slow.
        var comments = arguments.Any(argument => argument is "--help" or "-h" or "-?") ? new XmlComments(typeof(Settings).Assembly) : null;
        _options = [.. Known(comments).Select(setting => Option(setting.Name, setting.Description, shown(setting.Name)))];
        var names = _options.Select(option => option.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _options.AddRange(arguments
            .Where(argument => !names.Contains(argument) && (Framework().IsMatch(argument) || names.Contains(ListEntry().Replace(argument, ""))))
            .Distinct()
            .Select(argument => Option(argument[2..], description: null, shown: false)));
    }

    /// <summary>
    /// Splits <c>--Section:Name=value</c>, which the parser would split at its colon. Changes the names of settings to the case
    /// of the options: the configuration ignores case.
    /// </summary>
    public static IReadOnlyList<string> Normalize(IEnumerable<string> arguments)
    {
        var spellings = Known(comments: null).Select(setting => "--" + setting.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. arguments
            .SelectMany(argument => Assignment().Match(argument) is { Success: true } match
                ? new[] { match.Groups[1].Value, match.Groups[2].Value }
                : [argument])
            .Select(argument => spellings.TryGetValue(argument, out var spelling) ? spelling : argument)];
    }

    public void AddTo(Command command) => _options.ForEach(command.Options.Add);

    /// <summary>The given settings, as arguments of the configuration.</summary>
    public string[] Given(ParseResult parsed) => [.. _options
        .SelectMany(option => (parsed.GetValue(option) ?? []).SelectMany(value => new[] { option.Name, value }))];

    private static Option<string[]> Option(string name, string? description, bool shown) => new("--" + name)
    {
        Description = description,
        HelpName = "value",
        Hidden = !shown,
        // The last value wins, as in every other source of the configuration.
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>A list: a search through the assembly would load all its types at every start.</summary>
    private static IReadOnlyList<Setting> Known(XmlComments? comments) =>
    [
        new(WebHostDefaults.ServerUrlsKey, "Addresses on which the server listens, separated by ';'."),
        new(HostDefaults.EnvironmentKey, "Also reads appsettings.<value>.json."),
        .. Of<AccountOptions>(comments),
        .. Of<BackplaneOptions>(comments),
        .. Of<CorsOptions>(comments),
        .. Of<DeliveryOptions>(comments),
        .. Of<LimitOptions>(comments),
        .. Of<MetricsOptions>(comments),
        .. Of<StorageOptions>(comments),
    ];

    private static IEnumerable<Setting> Of<TOptions>(XmlComments? comments)
        where TOptions : class, IOptionsSection => typeof(TOptions).GetProperties()
        .Where(property => property.CanWrite)
        .OrderBy(property => property.Name, StringComparer.Ordinal)
        .Select(property => new Setting(TOptions.Section + ":" + property.Name, comments is null ? null : Describe(property, comments)));

    private static string? Describe(PropertyInfo property, XmlComments comments) =>
        property.GetValue(Activator.CreateInstance(property.DeclaringType!)) is { } value and not Array
            ? string.Create(CultureInfo.InvariantCulture, $"{comments.Summary(property)} [{value}]")
            : comments.Summary(property);

    [GeneratedRegex("^(--[A-Za-z0-9_.:]+)=(.*)$", RegexOptions.Singleline)]
    private static partial Regex Assignment();

    /// <summary>Settings of the framework, which has no list of them.</summary>
    [GeneratedRegex("^--(Logging|Kestrel):", RegexOptions.IgnoreCase)]
    private static partial Regex Framework();

    [GeneratedRegex(@":\d+$")]
    private static partial Regex ListEntry();

    private sealed record Setting(string Name, string? Description);
}
