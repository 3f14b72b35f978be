using Chasqui.Server.Introspection;
using Chasqui.Server.Page;

namespace Chasqui.Server.Hosting;

/// <summary>
/// Security headers of every answer (OWASP ASVS 5.0, V3.2 and V3.4): it is data, and browsers must not render it.
/// </summary>
internal static class SecurityHeaders
{
    /// <summary>The docs and the page set their own policies.</summary>
    private const string DataOnly = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

    public static Task SetAsync(HttpContext http, RequestDelegate next)
    {
        // Last: the exception handler clears the headers before it writes its answer.
        http.Response.OnStarting(static state => Set((HttpContext)state), http);
        return next(http);
    }

    private static Task Set(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.TryAdd("Content-Security-Policy", DataOnly);
        headers.XContentTypeOptions = "nosniff";
        // Static text of the framework and of Swagger UI is UTF-8 and does not always name it (V4.1.1).
        if (headers.ContentType is ["text/css" or "text/javascript" or "text/html" or "text/plain"])
        {
            headers.ContentType += "; charset=utf-8";
        }

        headers["Referrer-Policy"] = "no-referrer";
        // Blocks embedding without CORS. Pages of allowed origins use CORS.
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        var isPublic = Docs.IsAt(http.Request.Path) || PageEndpoints.IsAt(http.Request.Path);
        if (!isPublic || http.Response.StatusCode >= StatusCodes.Status400BadRequest)
        {
            headers.CacheControl = "no-store";
        }

        return Task.CompletedTask;
    }
}
