using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Chasqui.Server.Hosting;

/// <summary>
/// Serves renewed certificates of <c>Kestrel:Certificates:Default</c> and <c>Kestrel:Endpoints:…:Certificate</c>.
/// </summary>
internal static class Certificates
{
    public static void ServeRenewed(this KestrelServerOptions kestrel, IConfiguration settings)
    {
        var endpoints = settings.GetSection("Endpoints").GetChildren().ToArray();
        kestrel.ConfigureHttpsDefaults(https => https.Serve(settings.GetSection("Certificates:Default"), kestrel));
        // Several certificates for the names of one endpoint are left to Kestrel.
        var loader = kestrel.Configure(settings, reloadOnChange: Array.Exists(endpoints, HasSni));
        foreach (var endpoint in endpoints)
        {
            loader.Endpoint(endpoint.Key, configured =>
            {
                // Its own certificate is from somewhere else than a file; the default's must not replace it.
                if (HasSni(endpoint) || (endpoint.GetSection("Certificate").Exists() && endpoint["Certificate:Path"] is null))
                {
                    configured.HttpsOptions.OnAuthenticate = null;
                }
                else
                {
                    configured.HttpsOptions.Serve(endpoint.GetSection("Certificate"), kestrel);
                }
            });
        }
    }

    private static bool HasSni(IConfigurationSection endpoint) => endpoint.GetSection("Sni").Exists();

    private static void Serve(
        this HttpsConnectionAdapterOptions https, IConfigurationSection certificate, KestrelServerOptions kestrel)
    {
        if (certificate["Path"] is not { Length: > 0 } path)
        {
            return;
        }

        var services = kestrel.ApplicationServices;
        var root = services.GetRequiredService<IHostEnvironment>().ContentRootPath;
        var file = new CertificateFile(
            Path.Combine(root, path),
            certificate["KeyPath"] is { Length: > 0 } key ? Path.Combine(root, key) : null,
            certificate["Password"],
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<CertificateFile>>());
        https.OnAuthenticate = (_, handshake) =>
            handshake.ServerCertificateContext = file.Current ?? handshake.ServerCertificateContext;
    }
}
