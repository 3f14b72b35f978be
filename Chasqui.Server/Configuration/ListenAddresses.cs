using System.Net.Sockets;

namespace Chasqui.Server.Configuration;

/// <summary>
/// Where the server listens: <c>--urls</c>, <c>ASPNETCORE_URLS</c>, or <c>Kestrel:Endpoints</c>, which replaces both.
/// </summary>
internal static class ListenAddresses
{
    private const string Default = "http://localhost:8080";

    /// <summary>sockaddr_un of Linux, less the NUL at its end; macOS takes 103.</summary>
    private const int MaxSocketPathBytes = 107;
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

    /// <summary>Removes the files of Unix sockets that a crash has left, so that the server can listen there again.</summary>
    public static void RemoveLeftSockets(IConfiguration configuration)
    {
        foreach (var path in Of(configuration).Where(address => address.IsUnixPipe).Select(address => address.UnixPipePath))
        {
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                client.Connect(new UnixDomainSocketEndPoint(path));
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && IsSocket(path))
            {
                File.Delete(path);
            }
            catch (SocketException)
            {
                // There is none, or Kestrel says what is wrong with it.
            }
        }
    }

    /// <summary>What the operator does about an address that the system refuses.</summary>
    public static StartupException Refused(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AddressNotAvailable => new StartupException(
            $"urls names an address that this machine does not have now: {e.Message}", mayPass: true),
        SocketError.AccessDenied => new StartupException(
            "urls names a port or a socket file that this user may not use: take a port from 1024 on, or allow it "
            + "(AmbientCapabilities=CAP_NET_BIND_SERVICE in a systemd unit), or a folder that the user may write"),
        _ => new StartupException($"urls names an address that it cannot listen on: {e.Message}"),
    };

    /// <summary>A regular file has a length; Linux reports neither a type nor an attribute for a socket.</summary>
    private static bool IsSocket(string path) => new FileInfo(path) is { Exists: true, Length: 0 };

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
            return BindingAddress.Parse(url) is { Scheme: "http" or "https", PathBase: "", Port: <= ushort.MaxValue } address
                && (!address.IsUnixPipe || Encoding.UTF8.GetByteCount(address.UnixPipePath) <= MaxSocketPathBytes);
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
