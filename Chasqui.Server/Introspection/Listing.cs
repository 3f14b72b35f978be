namespace Chasqui.Server.Introspection;

/// <summary><c>--list-api</c> and <c>--list-ws</c>: what the server serves, printed from the code that serves it.</summary>
internal static class Listing
{
    private const string Api = "--list-api";
    private const string WebSocket = "--list-ws";

    public static bool IsAsked(string[] args) => args.Any(arg => arg is Api or WebSocket);

    public static void Print(string[] args, WebApplication app, TextWriter output)
    {
        var shapes = app.Services.GetRequiredService<WireShapes>();
        var page = new ListingPage(output);
        if (args.Contains(Api))
        {
            new ApiListing(page, shapes).Print(ApiEndpoint.All(app));
        }

        if (args.Contains(WebSocket))
        {
            new WsListing(page, shapes, app.Services.GetRequiredService<XmlComments>()).Print();
        }
    }
}
