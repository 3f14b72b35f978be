using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Hosting;

public sealed class TlsTests
{
    [Fact]
    public async Task KestrelServesTlsWithACertificateFromTheEnvironment()
    {
        using var folder = new TemporaryFolder();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=chat.example.org", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var (pem, keyPem) = (Path.Combine(folder.Path, "chat.pem"), Path.Combine(folder.Path, "chat.key"));
        await File.WriteAllTextAsync(pem, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(keyPem, key.ExportPkcs8PrivateKeyPem());
        var port = FreePorts.Next();
        await using var server = ServerProcess.Start(folder.Path, new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = $"https://127.0.0.1:{port}",
            ["Kestrel__Certificates__Default__Path"] = pem,
            ["Kestrel__Certificates__Default__KeyPath"] = keyPem,
        });
        await server.StartupLineAsync();

        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString() == certificate.GetCertHashString(),
            },
        };
        using var http = new HttpClient(handler);
        Assert.Contains("healthy", await http.GetStringAsync($"https://127.0.0.1:{port}/health/ready"), StringComparison.Ordinal);
    }
}
