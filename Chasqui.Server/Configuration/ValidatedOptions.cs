using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Configuration;

/// <summary>Options that know which of their values are wrong.</summary>
internal interface IValidatedOptions
{
    /// <summary>The section of the configuration.</summary>
    static abstract string Section { get; }

    /// <summary>One sentence for each wrong value; it names the setting in full.</summary>
    IEnumerable<string> Problems();
}

internal static class ValidatedOptions
{
    private const char Separator = ';';

    /// <summary>Binds a section. A wrong or unknown value keeps the server from starting.</summary>
    public static IServiceCollection AddValidatedOptions<TOptions>(this IServiceCollection services)
        where TOptions : class, IValidatedOptions
    {
        services.AddSingleton<IValidateOptions<TOptions>, Validator<TOptions>>();
        services.AddOptions<TOptions>()
            .Configure<IConfiguration>((options, configuration) => Bind(options, configuration.GetSection(TOptions.Section)))
            .ValidateOnStart();
        // The very ones that are looked at when the server starts: by itself the framework binds them once more.
        services.AddSingleton(provider => Options.Create(provider.GetRequiredService<IOptionsMonitor<TOptions>>().CurrentValue));
        return services;
    }

    /// <returns>The sentence that refuses a number, or <see langword="null"/> when it is within its limits.</returns>
    public static string? Outside<TOptions>(this TOptions _, string setting, long value, long min, long max)
        where TOptions : class, IValidatedOptions =>
        value >= min && value <= max ? null : $"{TOptions.Section}:{setting} must be between {min} and {max}";

    private static void Bind<TOptions>(TOptions options, IConfigurationSection section)
        where TOptions : class, IValidatedOptions
    {
        var settings = typeof(TOptions).GetProperties().Where(property => property.CanWrite).ToArray();
        RequireKnown(section, settings);
        WithListsSpread(section, settings).GetSection(section.Path).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
    }

    /// <summary>The binder refuses an unknown setting too, but names it without its section.</summary>
    private static void RequireKnown(IConfigurationSection section, IEnumerable<PropertyInfo> settings)
    {
        var known = settings.Select(setting => setting.Name);
        if (section.GetChildren().FirstOrDefault(s => !known.Contains(s.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new StartupException($"{unknown.Path} is no setting of this server");
        }
    }

    /// <summary>A list can also be written as one text, as in <c>urls</c>: an environment has no lists.</summary>
    private static IConfigurationRoot WithListsSpread(IConfigurationSection section, IEnumerable<PropertyInfo> settings)
    {
        var values = new Dictionary<string, string?>(section.AsEnumerable(), StringComparer.OrdinalIgnoreCase);
        foreach (var setting in settings.Where(setting => setting.PropertyType == typeof(string[])))
        {
            var list = section.GetSection(setting.Name);
            if (list.Value is not { } text)
            {
                continue;
            }

            if (text.Length > 0 && list.GetChildren().Any())
            {
                throw new StartupException($"{list.Path} is given twice, as a list and as one text");
            }

            values.Remove(list.Path);
            var entries = text.Split(Separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            for (var i = 0; i < entries.Length; i++)
            {
                values[ConfigurationPath.Combine(list.Path, i.ToString(CultureInfo.InvariantCulture))] = entries[i];
            }
        }

        return new ConfigurationBuilder().AddInMemoryCollection(values).Build();
    }

    private sealed class Validator<TOptions> : IValidateOptions<TOptions>
        where TOptions : class, IValidatedOptions
    {
        public ValidateOptionsResult Validate(string? name, TOptions options) =>
            options.Problems().ToArray() is { Length: > 0 } problems
                ? ValidateOptionsResult.Fail(problems)
                : ValidateOptionsResult.Success;
    }
}
