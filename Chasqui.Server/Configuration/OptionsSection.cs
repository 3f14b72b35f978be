namespace Chasqui.Server.Configuration;

/// <summary>Options that one section of the configuration holds. Their rules are validation attributes.</summary>
internal interface IOptionsSection
{
    static abstract string Section { get; }
}

internal static class OptionsSection
{
    private const char Separator = ';';

    /// <summary>Binds a section. A wrong or unknown value stops the start.</summary>
    public static IServiceCollection AddValidatedOptions<TOptions>(this IServiceCollection services)
        where TOptions : class, IOptionsSection
    {
        services.AddSingleton<IValidateOptions<TOptions>, Rules<TOptions>>();
        services.AddOptions<TOptions>()
            .Configure<IConfiguration>((options, configuration) => Bind(options, configuration.GetSection(TOptions.Section)))
            .ValidateOnStart();
        // The instance that is validated at the start; without this line the framework binds a second one.
        services.AddSingleton(provider => Options.Create(provider.GetRequiredService<IOptionsMonitor<TOptions>>().CurrentValue));
        return services;
    }

    private static void Bind<TOptions>(TOptions options, IConfigurationSection section)
        where TOptions : class, IOptionsSection
    {
        var settings = typeof(TOptions).GetProperties().Where(property => property.CanWrite).ToDictionary(
            property => property.Name, StringComparer.OrdinalIgnoreCase);
        // The binder can refuse an unknown setting, but its message does not name the section.
        if (section.GetChildren().FirstOrDefault(setting => !settings.ContainsKey(setting.Key)) is { } unknown)
        {
            throw new StartupException($"{unknown.Path} is no setting of this server");
        }

        section.Bind(options);
        // A list can also be one text, since an environment variable holds no list.
        foreach (var list in settings.Values.Where(setting => setting.PropertyType == typeof(string[])))
        {
            if (section[list.Name] is not { Length: > 0 } text)
            {
                continue;
            }

            if (section.GetSection(list.Name).GetChildren().Any())
            {
                throw new StartupException($"{section.Path}:{list.Name} is given twice, as a list and as one text");
            }

            list.SetValue(options, text.Split(Separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        }
    }

    /// <summary>
    /// Names a setting as the operator writes it; the sentences of <c>ValidateDataAnnotations</c> leave the section out.
    /// </summary>
    private sealed class Rules<TOptions> : IValidateOptions<TOptions>
        where TOptions : class, IOptionsSection
    {
        public ValidateOptionsResult Validate(string? name, TOptions options)
        {
            var problems =
                from setting in typeof(TOptions).GetProperties()
                from rule in setting.GetCustomAttributes<ValidationAttribute>()
                where !rule.IsValid(setting.GetValue(options))
                select Sentence(rule, $"{TOptions.Section}:{setting.Name}");
            var others = (options as IValidatableObject)?.Validate(new ValidationContext(options)) ?? [];
            string[] all = [.. problems, .. others.Select(problem => problem.ErrorMessage!)];
            return all.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(all);
        }

        private static string Sentence(ValidationAttribute rule, string setting) => rule is RangeAttribute range
            ? $"{setting} must be between {range.Minimum} and {range.Maximum}"
            : rule.FormatErrorMessage(setting);
    }
}
