using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Chasqui.Server.Configuration;

namespace Chasqui.Server.Http;

/// <summary>Which web pages may use this server.</summary>
internal sealed partial class CorsOptions : IOptionsSection, IValidatableObject
{
    /// <summary>
    /// The origin of pages without an address of their own: opened from a file, or in a sandbox. Any site can make such a page.
    /// </summary>
    private const string Opaque = "null";

    public static string Section => "Cors";

    /// <summary>
    /// Origins like <c>https://chat.example.org</c>, <c>capacitor://localhost</c> or <c>file://</c>; without any, every port of
    /// localhost.
    /// </summary>
    public string[] AllowedOrigins { get; set; } = [];

    public bool Allows(string origin) => AllowedOrigins.Length == 0
        ? TryParse(origin, out var local) && local.Host is "localhost" or "127.0.0.1" or "[::1]"
        : AllowedOrigins.Any(allowed => allowed == origin || IsSame(allowed, origin));

    /// <summary>
    /// Reads an origin of the web as browsers write it: scheme, host and an optional port. Other spellings of the same address
    /// (<c>http://127.1</c>, <c>http://localhost/</c>) are refused.
    /// </summary>
    public static bool TryParse(string origin, [NotNullWhen(true)] out Uri? uri) =>
        Uri.TryCreate(origin, UriKind.Absolute, out uri)
        && uri.Scheme is "http" or "https"
        && uri.Scheme + Uri.SchemeDelimiter + uri.Authority == origin;

    /// <summary>Browsers write host names in ASCII (<c>xn--bcher-kva.example</c>), operators may write Unicode.</summary>
    private static bool IsSame(string allowed, string origin) =>
        TryParse(allowed, out var one) && TryParse(origin, out var other)
        && one.Scheme == other.Scheme && one.IdnHost == other.IdnHost && one.Port == other.Port;

    /// <summary>Whether a browser could write this text as the origin of a page.</summary>
    public static bool IsOrigin(string origin) =>
        origin == Opaque || TryParse(origin, out _) || (AppOrigin().IsMatch(origin) && !WebScheme().IsMatch(origin));

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => AllowedOrigins
        .Where(origin => !IsOrigin(origin))
        .Select(origin => new ValidationResult(
            $"{Section}:{nameof(AllowedOrigins)} must hold origins such as 'https://chat.example.org' or 'capacitor://localhost', "
            + $"separated by ';', each with its scheme and host and without a path; '{origin}' is none"));

    /// <summary>
    /// The origin of an app's page, as its browser writes it (<c>tauri://localhost</c>, <c>app://.</c>): compared as text. Files
    /// have no host.
    /// </summary>
    [GeneratedRegex(@"^(?:file://|(?!file:)[a-z][a-z0-9+.-]*://(?:[A-Za-z0-9._~%-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?)\z")]
    private static partial Regex AppOrigin();

    /// <summary>Browsers write these in one way only, and no page has the address of a socket.</summary>
    [GeneratedRegex("^(?:https?|wss?):", RegexOptions.IgnoreCase)]
    private static partial Regex WebScheme();
}
