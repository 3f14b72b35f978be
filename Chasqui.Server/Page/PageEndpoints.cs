using Chasqui.Protocol;
using Chasqui.Server.Errors;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chasqui.Server.Page;

/// <summary>The page to chat on, for whoever has a browser.</summary>
internal static class PageEndpoints
{
    private const string Files = "/page";

    /// <summary>
    /// It runs its own scripts and nothing else, and talks to this server only (<c>'self'</c> covers its WebSocket). What others
    /// have said can never become markup: browsers that know trusted types refuse to parse any.
    /// </summary>
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    /// <summary>What can be asked of something that is only read.</summary>
    public static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Whether there is nothing but the page at this address: the same for everybody.</summary>
    public static bool IsAt(PathString address) => address == "/" || address.StartsWithSegments(Files);

    public static void MapPage(this WebApplication app)
    {
        app.MapMethods("/", Reading, (HttpContext http) => Serve(http, PageFiles.Index))
            .WithSummary("The page to chat on").ExcludeFromDescription();
        app.MapMethods(Files + "/{**file}", Reading, (HttpContext http, string? file) => Serve(http, Files[1..] + "/" + file))
            .WithSummary("What that page consists of").ExcludeFromDescription();
    }

    private static Results<FileContentHttpResult, ProblemHttpResult> Serve(HttpContext http, string path)
    {
        if (PageFiles.Find(path) is not { } file)
        {
            return Refusal.Of(ErrorCodes.NotFound);
        }

        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
        // Kept, and asked about each time: after an upgrade nobody runs half of the page before.
        headers.CacheControl = "no-cache";
        return TypedResults.Bytes(file.Content, file.ContentType, entityTag: file.Tag);
    }
}
