using Chasqui.Server.Introspection;
using Chasqui.Server.Page;

namespace Chasqui.Server.Hosting;

/// <summary>
/// What browsers are told about every answer (OWASP ASVS 5.0, V3.2 and V3.4): it is data for the caller, and nothing to show.
/// </summary>
internal static class SecurityHeaders
{
    /// <summary>The docs and the page have policies of their own.</summary>
    private const string NothingToShow = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

    public static Task SetAsync(HttpContext http, RequestDelegate next)
    {
        // At the last moment: whoever turns an exception into an answer clears the headers first.
        http.Response.OnStarting(static state => Set((HttpContext)state), http);
        return next(http);
    }

    private static Task Set(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.TryAdd("Content-Security-Policy", NothingToShow);
        headers.XContentTypeOptions = "nosniff";
        SayCharset(headers);
        headers["Referrer-Policy"] = "no-referrer";
        // For those who embed without asking. Pages of allowed origins ask, with CORS, and get what they ask for.
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (http.Response.StatusCode >= StatusCodes.Status400BadRequest || !(Docs.IsAt(http.Request.Path) || PageEndpoints.IsAt(http.Request.Path)))
        {
            headers.CacheControl = "no-store";
        }

        return Task.CompletedTask;
    }

    /// <summary>What the framework and the page of the docs send as text is UTF-8, and does not always say so (V4.1.1).</summary>
    private static void SayCharset(IHeaderDictionary headers)
    {
        if (headers.ContentType is ["text/css" or "text/javascript" or "text/html" or "text/plain"])
        {
            headers.ContentType += "; charset=utf-8";
        }
    }
}
