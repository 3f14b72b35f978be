namespace Chasqui.Server.Configuration;

/// <summary>
/// The <c>appsettings.json</c> that is embedded in the program, for a single-file program without one next to it.
/// </summary>
internal static class ShippedSettings
{
    public static IEnumerable<KeyValuePair<string, string?>> Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("appsettings.json")!;
        return [.. new ConfigurationBuilder().AddJsonStream(stream).Build().AsEnumerable().Where(setting => setting.Value is not null)];
    }
}
