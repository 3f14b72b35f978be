using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Chasqui.Server.Introspection;

/// <summary>
/// What the page of the docs may do. It is NSwag's page and holds a script and a style sheet inside it: those are let in by
/// their hashes, and everything else comes from this server.
/// </summary>
internal static partial class DocsPolicy
{
    /// <summary>Swagger UI's logo brings two rules of its own from inside the script.</summary>
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

        // Browsers hash what they have parsed, and parsing makes line feeds of all line ends.
        var html = Encoding.UTF8.GetString(page.GetBuffer(), 0, (int)page.Length).Replace("\r\n", "\n", StringComparison.Ordinal);
        response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self'{Hashes(InlineScript().Matches(html))}; "
            + $"style-src 'self' {Logo}{Hashes(InlineStyle().Matches(html))}; img-src 'self' data:; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        page.Position = 0;
        await page.CopyToAsync(body, http.RequestAborted);
    }

    private static string Hashes(IEnumerable<Match> elements) => string.Concat(
        elements.Select(element => $" 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(element.Groups[1].Value)))}'"));

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex InlineScript();

    [GeneratedRegex("<style[^>]*>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex InlineStyle();
}
