using Microsoft.Extensions.Options;

namespace Chasqui.Server.Hosting;

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
    /// <summary>Binds a section. A wrong or unknown value keeps the server from starting.</summary>
    public static IServiceCollection AddValidatedOptions<TOptions>(this IServiceCollection services)
        where TOptions : class, IValidatedOptions
    {
        services.AddSingleton<IValidateOptions<TOptions>, Validator<TOptions>>();
        services.AddOptions<TOptions>()
            .Configure<IConfiguration>((_, configuration) => RequireKnown<TOptions>(configuration.GetSection(TOptions.Section)))
            .BindConfiguration(TOptions.Section, binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateOnStart();
        return services;
    }

    /// <summary>The binder refuses an unknown setting too, but names it without its section.</summary>
    private static void RequireKnown<TOptions>(IConfigurationSection section)
    {
        var known = typeof(TOptions).GetProperties().Where(property => property.CanWrite).Select(property => property.Name);
        if (section.GetChildren().FirstOrDefault(s => !known.Contains(s.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new StartupException($"{unknown.Path} is no setting of this server");
        }
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
