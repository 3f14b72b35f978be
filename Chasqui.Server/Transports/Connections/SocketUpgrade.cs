using Chasqui.Server.Delivery;
using Chasqui.Server.Http;

namespace Chasqui.Server.Transports.Connections;

/// <summary>
/// Puts a <see cref="MeteredStream"/> between Kestrel and the framework's WebSocket, for both transports.
/// </summary>
internal sealed class SocketUpgrade(IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect)
    : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    private readonly Lock _gate = new();
    private ClientConnection? _control;

    /// <summary>Set when the WebSocket is accepted.</summary>
    public MeteredStream? Stream { get; private set; }

    public bool IsUpgradableRequest => upgrade?.IsUpgradableRequest == true;

    public bool IsExtendedConnect => connect?.IsExtendedConnect == true;

    public string? Protocol => connect?.Protocol;

    /// <summary>Must run before the framework's WebSocket middleware, which reads these features.</summary>
    public static Task InstallAsync(HttpContext http, RequestDelegate next)
    {
        if (TransportEndpoint.Of(http) is not null)
        {
            var (upgrade, connect) = (http.Features.Get<IHttpUpgradeFeature>(), http.Features.Get<IHttpExtendedConnectFeature>());
            var socket = new SocketUpgrade(upgrade, connect);
            http.Features.Set(socket);
            if (upgrade is not null)
            {
                http.Features.Set<IHttpUpgradeFeature>(socket);
            }

            if (connect is not null)
            {
                http.Features.Set<IHttpExtendedConnectFeature>(socket);
            }
        }

        return next(http);
    }

    public static SocketUpgrade Of(HttpContext http) => http.Features.Get<SocketUpgrade>()!;

    public async Task<Stream> UpgradeAsync() => Wrap(await upgrade!.UpgradeAsync());

    public async ValueTask<Stream> AcceptAsync() => Wrap(await connect!.AcceptAsync());

    /// <summary>SignalR starts a connection while it accepts the socket; either may come first.</summary>
    public void Serve(ClientConnection control)
    {
        lock (_gate)
        {
            _control = control;
            Stream?.Serve(control);
        }
    }

    private MeteredStream Wrap(Stream stream)
    {
        lock (_gate)
        {
            Stream = new MeteredStream(stream);
            if (_control is not null)
            {
                Stream.Serve(_control);
            }

            return Stream;
        }
    }
}
