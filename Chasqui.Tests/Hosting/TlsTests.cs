using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Hosting;

/// <summary>Kestrel's own TLS with the settings of <c>docs/operations.md</c>.</summary>
public sealed class TlsTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static readonly DateTimeOffset From = DateTimeOffset.UtcNow.AddDays(-1);
    private static readonly DateTimeOffset To = From.AddDays(2);

    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePorts.Next();

    private string Pem => Path.Combine(_folder.Path, "chat.pem");

    private string Key => Path.Combine(_folder.Path, "chat.key");

    private Uri Ready => new($"https://127.0.0.1:{_port}/health/ready");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RenewedCertificateIsServedWithoutARestart(bool isDefault)
    {
        var first = await WriteCertificateAsync();
        var settings = isDefault
            ? new Dictionary<string, string>
            {
                ["ASPNETCORE_URLS"] = $"https://127.0.0.1:{_port}",
                ["Kestrel__Certificates__Default__Path"] = Pem,
                ["Kestrel__Certificates__Default__KeyPath"] = Key,
            }
            : new Dictionary<string, string>
            {
                ["Kestrel__Endpoints__Chat__Url"] = $"https://127.0.0.1:{_port}",
                ["Kestrel__Endpoints__Chat__Certificate__Path"] = Pem,
                ["Kestrel__Endpoints__Chat__Certificate__KeyPath"] = Key,
            };
        await using var server = ServerProcess.Start(_folder.Path, settings);
        await server.StartupLineAsync();
        using var open = Client(first);
        Assert.Contains("healthy", await open.GetStringAsync(Ready), StringComparison.Ordinal);
        var asked = await Programs.RunAsync("dotnet", _folder.Path, [Programs.ServerDll, "health"], settings);
        Assert.Equal((0, ""), (asked.ExitCode, asked.Errors));

        var second = await WriteCertificateAsync();
        using var renewed = Client(second);
        using var deadline = new CancellationTokenSource(Deadline);
        while (!await IsServedAsync(renewed))
        {
            deadline.Token.ThrowIfCancellationRequested();
        }

        // The connection from before is still open: a new one would get the other certificate.
        Assert.Contains("healthy", await open.GetStringAsync(Ready), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnusableCertificateLeavesTheLastOneInPlace()
    {
        var first = await WriteCertificateAsync();
        await using var server = ServerProcess.Start(_folder.Path, new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = $"https://127.0.0.1:{_port}",
            ["Kestrel__Certificates__Default__Path"] = Pem,
            ["Kestrel__Certificates__Default__KeyPath"] = Key,
        });
        await server.StartupLineAsync();
        // Renewed by halves.
        await File.WriteAllTextAsync(Key, "");

        using var deadline = new CancellationTokenSource(Deadline);
        while (!server.Output.Contains($"The certificate of {Pem} cannot be used", StringComparison.Ordinal))
        {
            deadline.Token.ThrowIfCancellationRequested();
            using var client = Client(first);
            Assert.Contains("healthy", await client.GetStringAsync(Ready, deadline.Token), StringComparison.Ordinal);
        }
    }

    private static HttpClient Client(X509Certificate2Collection expected) => new(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            // With the certificate that issued it, which clients may not have.
            RemoteCertificateValidationCallback = (_, presented, chain, _) => presented?.GetCertHashString() == expected[0].Thumbprint
                && chain!.ChainPolicy.ExtraStore.Any(sent => sent.Thumbprint == expected[1].Thumbprint),
        },
    });

    private async Task<bool> IsServedAsync(HttpClient client)
    {
        try
        {
            return (await client.GetAsync(Ready)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>
    /// A certificate and the intermediate one that has issued it: both in one file, as certificate authorities deliver it.
    /// </summary>
    private async Task<X509Certificate2Collection> WriteCertificateAsync()
    {
        using var root = Request("CN=Root", isAuthority: true, out var rooting).CreateSelfSigned(From, To);
        using var issued = Request("CN=Issuer", isAuthority: true, out var issuing).Create(root, From, To, RandomNumberGenerator.GetBytes(8));
        using var issuer = issued.CopyWithPrivateKey(issuing);
        var certificate = Request("CN=chat.example.org", isAuthority: false, out var key).Create(issuer, From, To, RandomNumberGenerator.GetBytes(8));
        // As certbot does it: what is there under a name is exchanged.
        await ReplaceAsync(Key, key.ExportPkcs8PrivateKeyPem());
        await ReplaceAsync(Pem, $"{certificate.ExportCertificatePem()}\n{issued.ExportCertificatePem()}\n");
        rooting.Dispose();
        issuing.Dispose();
        key.Dispose();
        return [certificate, X509CertificateLoader.LoadCertificate(issued.RawData)];
    }

    private static CertificateRequest Request(string name, bool isAuthority, out ECDsa key)
    {
        key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, hasPathLengthConstraint: false, 0, critical: true));
        return request;
    }

    private async Task ReplaceAsync(string link, string text)
    {
        var file = Path.Combine(_folder.Path, Guid.NewGuid().ToString());
        await File.WriteAllTextAsync(file, text);
        File.Delete(link);
        File.CreateSymbolicLink(link, file);
    }
}
