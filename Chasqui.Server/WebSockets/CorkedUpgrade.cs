using Microsoft.AspNetCore.Http.Features;

namespace Chasqui.Server.WebSockets;

/// <summary>Puts a <see cref="CorkedStream"/> under a WebSocket that is accepted: over HTTP/1.1, and over HTTP/2 and later.</summary>
internal sealed class CorkedUpgrade : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    private readonly IHttpUpgradeFeature? _upgrade;
    private readonly IHttpExtendedConnectFeature? _connect;

    private CorkedUpgrade(IFeatureCollection features)
    {
        _upgrade = features.Get<IHttpUpgradeFeature>();
        _connect = features.Get<IHttpExtendedConnectFeature>();
        if (_upgrade is not null)
        {
            features.Set<IHttpUpgradeFeature>(this);
        }

        if (_connect is not null)
        {
            features.Set<IHttpExtendedConnectFeature>(this);
        }

        features.Set(this);
    }

    /// <summary>The stream, once the WebSocket is accepted.</summary>
    public CorkedStream Stream { get; private set; } = null!;

    public bool IsUpgradableRequest => _upgrade!.IsUpgradableRequest;

    public bool IsExtendedConnect => _connect!.IsExtendedConnect;

    public string? Protocol => _connect!.Protocol;

    public static CorkedUpgrade Of(HttpContext http) => http.Features.Get<CorkedUpgrade>()!;

    /// <summary>Comes before the framework's own middleware for WebSockets, which keeps what it finds.</summary>
    public static Task Install(HttpContext http, RequestDelegate next)
    {
        if (http.Request.Path == RawEndpoint.Path)
        {
            _ = new CorkedUpgrade(http.Features);
        }

        return next(http);
    }

    public async Task<Stream> UpgradeAsync() => Stream = new CorkedStream(await _upgrade!.UpgradeAsync());

    public async ValueTask<Stream> AcceptAsync() => Stream = new CorkedStream(await _connect!.AcceptAsync());
}
