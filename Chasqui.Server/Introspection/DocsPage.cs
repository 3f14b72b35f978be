using Chasqui.Protocol;
using Chasqui.Server.Errors;
using Chasqui.Server.Page;

namespace Chasqui.Server.Introspection;

/// <summary>
/// The page about everything that the server speaks. It is drawn in the browser from the two documents and from what the
/// server says of itself, so that it cannot say anything else than they do.
/// </summary>
internal static class DocsPage
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    public static void MapDocsPage(this WebApplication app)
    {
        app.MapMethods(Docs.Path, PageEndpoints.Reading, (HttpContext http) => ServePage(http))
            .WithSummary("All of this as a page").ExcludeFromDescription();
        app.MapMethods(Docs.Path + "/{file}", PageEndpoints.Reading, (HttpContext http, string file) => Serve(http, file))
            .WithSummary("What that page consists of").ExcludeFromDescription();
    }

    /// <summary>The page names its files as its neighbours, so that it works behind a proxy that puts something before the path.</summary>
    private static IResult ServePage(HttpContext http) => http.Request.Path.Value!.EndsWith('/')
        ? Serve(http, PageFiles.Index)
        : TypedResults.Redirect(Docs.Path[1..] + "/");

    private static IResult Serve(HttpContext http, string name)
    {
        if (PageFiles.Find(Docs.Path[1..] + "/" + name) is not { } file)
        {
            return Refusal.Of(ErrorCodes.NotFound);
        }

        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        // Kept, and asked about each time, as the page to chat on is.
        headers.CacheControl = "no-cache";
        return TypedResults.Bytes(file.Content, file.ContentType, entityTag: file.Tag);
    }
}
