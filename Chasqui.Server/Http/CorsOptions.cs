using System.Diagnostics.CodeAnalysis;
using Chasqui.Server.Configuration;

namespace Chasqui.Server.Http;

/// <summary>Which web pages may use this server.</summary>
internal sealed class CorsOptions : IOptionsSection, IValidatableObject
{
    public static string Section => "Cors";

    /// <summary>Origins like <c>https://chat.example.org</c>; without any, every port of localhost.</summary>
    public string[] AllowedOrigins { get; set; } = [];

    public bool Allows(string origin) => TryParse(origin, out var uri) && (AllowedOrigins.Length == 0
        ? uri.Host is "localhost" or "127.0.0.1" or "[::1]"
        : AllowedOrigins.Any(allowed => IsSame(new Uri(allowed), uri)));

    /// <summary>
    /// Reads an origin as browsers write it: scheme, host and an optional port. Other spellings of the same address
    /// (<c>http://127.1</c>, <c>http://localhost/</c>) are refused.
    /// </summary>
    public static bool TryParse(string origin, [NotNullWhen(true)] out Uri? uri) =>
        Uri.TryCreate(origin, UriKind.Absolute, out uri)
        && uri.Scheme is "http" or "https"
        && uri.Scheme + Uri.SchemeDelimiter + uri.Authority == origin;

    /// <summary>Browsers write host names in ASCII (<c>xn--bcher-kva.example</c>), operators may write Unicode.</summary>
    private static bool IsSame(Uri one, Uri other) =>
        one.Scheme == other.Scheme && one.IdnHost == other.IdnHost && one.Port == other.Port;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => AllowedOrigins
        .Where(origin => !TryParse(origin, out _))
        .Select(origin => new ValidationResult(
            $"{Section}:{nameof(AllowedOrigins)} must hold origins such as 'https://chat.example.org'; '{origin}' is none"));
}
