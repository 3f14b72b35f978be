using Chasqui.Server.Errors;

namespace Chasqui.Server.Page;

/// <summary>The chat page.</summary>
internal static class PageEndpoints
{
    /// <summary>Followed by <see cref="PageFiles.Version"/>.</summary>
    public const string VersionedFolder = "page-";

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
    public static bool IsAt(PathString address) =>
        address == "/" || address.StartsWithSegments(Files) || address.StartsWithSegments(VersionedFiles);

    private static string VersionedFiles => $"/{VersionedFolder}{PageFiles.Version}";

    public static void MapPage(this WebApplication app)
    {
        app.MapMethods("/", Reading, (HttpContext http) => Serve(http, PageFiles.Index))
            .WithSummary("The chat page").ExcludeFromDescription();
        app.MapMethods(Files + "/{**file}", Reading, (HttpContext http, string? file) => Serve(http, Files[1..] + "/" + file))
            .WithSummary("The files of the chat page").ExcludeFromDescription();
        app.MapMethods(VersionedFiles + "/{**file}", Reading, ServeVersioned)
            .WithSummary("The files of the chat page, at addresses that change with them").ExcludeFromDescription();
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

    private static Results<FileContentHttpResult, ProblemHttpResult> ServeVersioned(HttpContext http, string? file)
    {
        var answer = Serve(http, PageFiles.Page + file);
        if (answer.Result is FileContentHttpResult)
        {
            http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        }

        return answer;
    }
}
