namespace Chasqui.Server.Configuration;

/// <summary>
/// Where the server listens: <c>--urls</c>, <c>ASPNETCORE_URLS</c>, or <c>Kestrel:Endpoints</c>, which replaces both.
/// </summary>
internal static class ListenAddresses
{
    private const string Default = "http://localhost:8080";
    private const string Endpoints = "Kestrel:Endpoints";

    public static void Configure(ConfigurationManager configuration)
    {
        // The lowest source, since an entry in appsettings.json would win over ASPNETCORE_URLS. Kestrel warns if both are given.
        KeyValuePair<string, string?>[] urls =
            configuration.GetSection(Endpoints).Exists() ? [] : [new(WebHostDefaults.ServerUrlsKey, Default)];
        configuration.Sources.Insert(0, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource
        {
            InitialData = [.. urls, .. ShippedSettings.Read()],
        });

        // Kestrel finds a wrong address only after the database was created, and with a stack trace.
        _ = Of(configuration);
    }

    /// <exception cref="StartupException">A setting holds something else.</exception>
    public static BindingAddress[] Of(IConfiguration configuration)
    {
        var configured = Configured(configuration);
        foreach (var (setting, text) in configured)
        {
            if (!text.Split(';').All(IsAddress))
            {
                throw new StartupException($"{setting} must hold addresses such as '{Default}', separated by ';'; it holds '{text}'");
            }
        }

        return [.. configured.SelectMany(setting => setting.Text.Split(';')).Select(BindingAddress.Parse)];
    }

    /// <summary>The address at which a command on the same machine reaches the server.</summary>
    public static BindingAddress Reachable(IConfiguration configuration)
    {
        var addresses = Of(configuration);
        var address = Array.Find(addresses, address => address.Scheme == "http") ?? addresses[0];
        // These four stand for every address.
        return address.Host is "*" or "+" or "0.0.0.0" or "[::]"
            ? BindingAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"{address.Scheme}://localhost:{address.Port}"))
            : address;
    }

    public static bool IsAddress(string url)
    {
        try
        {
            return BindingAddress.Parse(url) is { Scheme: "http" or "https", PathBase: "", Port: <= ushort.MaxValue };
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static (string Setting, string Text)[] Configured(IConfiguration configuration)
    {
        (string, string)[] endpoints = [.. configuration.GetSection(Endpoints).GetChildren()
            .Select(endpoint => ($"{endpoint.Path}:Url", endpoint["Url"] ?? ""))];
        return endpoints.Length > 0
            ? endpoints
            : [(WebHostDefaults.ServerUrlsKey, configuration[WebHostDefaults.ServerUrlsKey] ?? Default)];
    }
}
