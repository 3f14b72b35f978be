using System.Text.RegularExpressions;
using NSwag.AspNetCore;

namespace Chasqui.Server.FrameworkWorkarounds;

/// <summary>
/// A Content-Security-Policy for NSwag's Swagger UI. Its page holds an inline script and an inline style sheet
/// (https://github.com/RicoSuter/NSwag/issues/2026): the policy allows them by their hashes, and files of this server.
/// </summary>
internal static partial class SwaggerUiPolicy
{
    /// <summary>The hash of two rules that the logo adds from inside the script.</summary>
    private const string Logo = "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='";

    public static async Task SetAsync(HttpContext http, RequestDelegate next)
    {
        var response = http.Response;
        var body = response.Body;
        using var page = new MemoryStream();
        response.Body = page;
        try
        {
            await next(http);
        }
        finally
        {
            response.Body = body;
        }

        // Browsers hash the parsed text, and parsing turns every line end into a line feed.
        var html = Encoding.UTF8.GetString(page.GetBuffer(), 0, (int)page.Length).Replace("\r\n", "\n", StringComparison.Ordinal);
        response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self'{Hashes(InlineScript().Matches(html))}; "
            + $"style-src 'self' {Logo}{Hashes(InlineStyle().Matches(html))}; img-src 'self' data:; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        page.Position = 0;
        await page.CopyToAsync(body, http.RequestAborted);
    }

    /// <summary>
    /// NSwag writes the <c>X-Forwarded-Prefix</c> of any caller into the page's script; this server ignores it. Its links and
    /// redirects are relative instead, so that they are right behind a proxy that adds a path.
    /// </summary>
    public static void IgnoreForwardedPrefix(SwaggerUiSettings settings) => settings.TransformToExternalPath = (path, request) =>
        path.StartsWith('/') && request.Path.Value is { } address
            ? string.Concat(Enumerable.Repeat("../", address.Count('/') - 1)) + path[1..]
            : path;

    private static string Hashes(IEnumerable<Match> elements) => string.Concat(elements
        .Select(element => SHA256.HashData(Encoding.UTF8.GetBytes(element.Groups[1].Value)))
        .Select(hash => $" 'sha256-{Convert.ToBase64String(hash)}'"));

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex InlineScript();

    [GeneratedRegex("<style[^>]*>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex InlineStyle();
}
