using Chasqui.Protocol;
using Chasqui.Server.Errors;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chasqui.Server.Page;

/// <summary>The chat page.</summary>
internal static class PageEndpoints
{
    private const string Files = "/page";

    /// <summary>
    /// Only this server's scripts and connections (<c>'self'</c> covers the WebSocket). Trusted types keep messages from becoming
    /// markup.
    /// </summary>
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        + "require-trusted-types-for 'script'; trusted-types 'none'";

    public static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Whether an address holds public files only, which caches may keep.</summary>
    public static bool IsAt(PathString address) => address == "/" || address.StartsWithSegments(Files);

    public static void MapPage(this WebApplication app)
    {
        app.MapMethods("/", Reading, (HttpContext http) => Serve(http, PageFiles.Index))
            .WithSummary("The chat page").ExcludeFromDescription();
        app.MapMethods(Files + "/{**file}", Reading, (HttpContext http, string? file) => Serve(http, Files[1..] + "/" + file))
            .WithSummary("The files of the chat page").ExcludeFromDescription();
    }

    /// <param name="http">The request.</param>
    /// <param name="path">The path below <c>wwwroot</c>.</param>
    public static Results<FileContentHttpResult, ProblemHttpResult> Serve(HttpContext http, string path)
    {
        if (PageFiles.Find(path) is not { } file)
        {
            return Refusal.Of(ErrorCodes.NotFound);
        }

        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        // Cached, and validated each time: after an upgrade a browser must not mix old and new files.
        headers.CacheControl = "no-cache";
        return TypedResults.Bytes(file.Content, file.ContentType, entityTag: file.Tag);
    }
}
