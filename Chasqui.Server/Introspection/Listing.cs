namespace Chasqui.Server.Introspection;

/// <summary><c>--list-api</c> and <c>--list-ws</c>: what the server serves, printed from the code that serves it.</summary>
internal static class Listing
{
    public static bool IsAsked(string[] args) => args.Any(a => a is "--list-api" or "--list-ws");

    public static void Print(string[] args, WebApplication app, TextWriter output)
    {
    }
}
