using System.Reflection;

namespace Chasqui.Server.Configuration;

/// <summary>The <c>appsettings.json</c> that the program was built with, for where it is one file and there is none beside it.</summary>
internal static class ShippedSettings
{
    public static IEnumerable<KeyValuePair<string, string?>> Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("appsettings.json")!;
        return [.. new ConfigurationBuilder().AddJsonStream(stream).Build().AsEnumerable().Where(setting => setting.Value is not null)];
    }
}
