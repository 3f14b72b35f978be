namespace Chasqui.Server.Configuration;

internal static class ServerVersion
{
    public static string Current { get; } =
        Assembly.GetExecutingAssembly().GetName().Version!.ToString(fieldCount: 3);
}
