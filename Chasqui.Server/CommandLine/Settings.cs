using System.CommandLine;
using System.Globalization;
using System.Reflection;
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
/// The settings as options of the command line. They are read from the options classes, so that a mistyped one is refused
/// and every one of them is explained.
/// </summary>
internal sealed partial class Settings
{
    private readonly List<Option<string[]>> _options;

    /// <param name="arguments">The command line, as <see cref="Normalize"/> gives it.</param>
    /// <param name="explained">Which settings stand in the help; the others are taken all the same.</param>
    public Settings(IReadOnlyList<string> arguments, Func<string, bool> explained)
    {
        // Reading what they mean takes longer than all the rest of it.
        var comments = arguments.Any(argument => argument is "--help" or "-h" or "-?") ? new XmlComments(typeof(Settings).Assembly) : null;
        _options = [.. Known(comments).Select(setting => Option(setting.Name, setting.Description, explained(setting.Name)))];
        var names = _options.Select(option => option.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _options.AddRange(arguments
            .Where(argument => !names.Contains(argument) && (Framework().IsMatch(argument) || names.Contains(ListEntry().Replace(argument, ""))))
            .Distinct()
            .Select(argument => Option(argument[2..], description: null, explained: false)));
    }

    /// <summary>
    /// <c>--Section:Name=value</c> in two, since left as one it would be split at its colon; and every setting as it is spelled
    /// here, since the configuration reads names without regard to case.
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

    /// <summary>What was given, in the form in which the configuration reads it.</summary>
    public string[] Given(ParseResult parsed) => [.. _options
        .SelectMany(option => (parsed.GetValue(option) ?? []).SelectMany(value => new[] { option.Name, value }))];

    private static Option<string[]> Option(string name, string? description, bool explained) => new("--" + name)
    {
        Description = description,
        HelpName = "value",
        Hidden = !explained,
        // Given twice, the later one wins, as in every other source of the configuration.
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>By name: looking through the assembly for them would load every type that it uses, at every start.</summary>
    private static IReadOnlyList<Setting> Known(XmlComments? comments) =>
    [
        new(WebHostDefaults.ServerUrlsKey, "Where the server listens; several addresses are separated by ';'."),
        new(HostDefaults.EnvironmentKey, "Reads appsettings.<value>.json too."),
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

    /// <summary>The framework's own settings, of which there is no list.</summary>
    [GeneratedRegex("^--(Logging|Kestrel):", RegexOptions.IgnoreCase)]
    private static partial Regex Framework();

    [GeneratedRegex(@":\d+$")]
    private static partial Regex ListEntry();

    private sealed record Setting(string Name, string? Description);
}
