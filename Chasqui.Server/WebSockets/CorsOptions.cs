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

    public IEnumerable<string> Problems() => AllowedOrigins
        .Where(origin => !Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.GetLeftPart(UriPartial.Authority) != origin)
        .Select(origin => $"Cors:AllowedOrigins must hold origins such as 'https://chat.example.org'; '{origin}' is none");
}
