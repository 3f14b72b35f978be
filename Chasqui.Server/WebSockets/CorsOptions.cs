using System.Diagnostics.CodeAnalysis;
using Chasqui.Server.Hosting;

namespace Chasqui.Server.WebSockets;

/// <summary>Which web pages may talk to this server.</summary>
internal sealed class CorsOptions : IValidatedOptions
{
    public static string Section => "Cors";

    /// <summary>Origins like <c>https://chat.example.org</c>; without any, every port of localhost.</summary>
    public string[] AllowedOrigins { get; set; } = [];

    public bool Allows(string origin) => AllowedOrigins.Length == 0
        ? Uri.TryCreate(origin, UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https"
            && uri is { Host: "localhost" or "127.0.0.1" or "[::1]", AbsolutePath: "/" }
        : AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads an origin: scheme, host and perhaps a port, and nothing else.</summary>
    public static bool TryParse(string origin, [NotNullWhen(true)] out Uri? uri) =>
        Uri.TryCreate(origin, UriKind.Absolute, out uri)
        && uri.Scheme is "http" or "https"
        && uri.GetLeftPart(UriPartial.Authority) == origin;

    public IEnumerable<string> Problems() => AllowedOrigins
        .Where(origin => !TryParse(origin, out _))
        .Select(origin => $"Cors:AllowedOrigins must hold origins such as 'https://chat.example.org'; '{origin}' is none");
}
