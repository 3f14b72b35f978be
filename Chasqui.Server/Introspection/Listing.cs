namespace Chasqui.Server.Introspection;

/// <summary><c>--list-api</c> and <c>--list-ws</c>: what the server serves, printed from the code that serves it.</summary>
internal static class Listing
{
    public static void Print(WebApplication app, TextWriter output, bool api, bool webSocket)
    {
        var shapes = app.Services.GetRequiredService<WireShapes>();
        var page = new ListingPage(output);
        if (api)
        {
            new ApiListing(page, shapes).Print(ApiEndpoint.All(app));
        }

        if (webSocket)
        {
            new WsListing(page, shapes, app.Services.GetRequiredService<XmlComments>()).Print();
        }
    }
}
