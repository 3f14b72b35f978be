namespace Chasqui.Server.Configuration;

/// <summary>Where the server listens: <c>--urls</c>, <c>ASPNETCORE_URLS</c>.</summary>
internal static class ListenAddresses
{
    private const string Default = "http://localhost:8080";

    public static void Configure(ConfigurationManager configuration)
    {
        // The lowest source, since an entry in appsettings.json would win over ASPNETCORE_URLS.
        configuration.Sources.Insert(0, new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource
        {
            InitialData = [new(WebHostDefaults.ServerUrlsKey, Default), .. ShippedSettings.Read()],
        });

        // Kestrel finds a wrong address only after the database was created, and with a stack trace.
        var urls = configuration[WebHostDefaults.ServerUrlsKey]!;
        if (!urls.Split(';').All(IsAddress))
        {
            throw new StartupException($"urls must hold addresses such as '{Default}', separated by ';'; it holds '{urls}'");
        }
    }

    public static BindingAddress[] Of(IConfiguration configuration) =>
        [.. configuration[WebHostDefaults.ServerUrlsKey]!.Split(';').Select(BindingAddress.Parse)];

    /// <summary>The address at which a command on the same machine reaches the server.</summary>
    public static Uri Reachable(IConfiguration configuration)
    {
        var addresses = Of(configuration);
        var address = Array.Find(addresses, address => address.Scheme == "http") ?? addresses[0];
        // These four stand for every address.
        var host = address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : address.Host;
        return new UriBuilder(address.Scheme, host, address.Port).Uri;
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
}
