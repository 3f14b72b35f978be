using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Chasqui.Server.Hosting;

/// <summary>
/// A certificate of the settings, read again when its file changes: certificates are renewed while the server runs. Kestrel's
/// own reload leaves out <c>Kestrel:Certificates:Default</c>, and closes the connections of an endpoint to change its
/// certificate.
/// </summary>
internal sealed partial class CertificateFile(
    string path, string? keyPath, string? password, TimeProvider clock, ILogger<CertificateFile> logger)
{
    /// <summary>
    /// The files are read at the first handshake after this time. So links are followed, and no watcher can miss a change.
    /// </summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private byte[] _read = [];
    private SslStreamCertificateContext? _context;
    private long? _readAt;

    /// <summary>The newest that can be used; <see langword="null"/> leaves the one that Kestrel has read at the start.</summary>
    public SslStreamCertificateContext? Current
    {
        get
        {
            lock (_gate)
            {
                if (_readAt is not { } at || clock.GetElapsedTime(at) >= Interval)
                {
                    _readAt = clock.GetTimestamp();
                    Read();
                }

                return _context;
            }
        }
    }

    private void Read()
    {
        try
        {
            var certificate = File.ReadAllBytes(path);
            var key = keyPath is null ? [] : File.ReadAllBytes(keyPath);
            byte[] read = [.. certificate, .. key];
            if (read.AsSpan().SequenceEqual(_read))
            {
                return;
            }

            var isRenewed = _read.Length > 0;
            _context = keyPath is null
                ? FromPkcs12(certificate)
                : FromPem(Encoding.ASCII.GetString(certificate), Encoding.ASCII.GetString(key));
            _read = read;
            if (isRenewed)
            {
                Renewed(logger, path, _context.TargetCertificate.NotAfter.ToUniversalTime());
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            // The certificate may be written already and its key not yet.
            Unusable(logger, path, e.Message);
        }
    }

    private SslStreamCertificateContext FromPem(string certificate, string key)
    {
        using var own = string.IsNullOrEmpty(password)
            ? X509Certificate2.CreateFromPem(certificate, key)
            : X509Certificate2.CreateFromEncryptedPem(certificate, key, password);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificate);
        // Windows takes no key that is in memory only.
        return Context(X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null), chain);
    }

    private SslStreamCertificateContext FromPkcs12(byte[] file)
    {
        var chain = X509CertificateLoader.LoadPkcs12Collection(file, password);
        var own = chain.FirstOrDefault(one => one.HasPrivateKey) ?? throw new CryptographicException("it has no private key");
        return Context(own, chain);
    }

    private static SslStreamCertificateContext Context(X509Certificate2 own, X509Certificate2Collection chain) =>
        SslStreamCertificateContext.Create(own, chain, offline: true);

    [LoggerMessage(1, LogLevel.Information,
        "The renewed certificate of {Path} is served from now on. It is good until {NotAfter:u}")]
    private static partial void Renewed(ILogger logger, string path, DateTime notAfter);

    [LoggerMessage(2, LogLevel.Warning, "The certificate of {Path} cannot be used ({Reason}). The last one is still served")]
    private static partial void Unusable(ILogger logger, string path, string reason);
}
