using Chasqui.Server.Accounts;
using Chasqui.Server.Delivery;
using Microsoft.AspNetCore.Http.Features;

namespace Chasqui.Server.WebSockets;

/// <summary>
/// Gets between Kestrel and the framework's WebSockets, on both doors, for what those do not offer: seeing control frames, so
/// that they count like other frames (the framework answers pings by itself, and tells nobody), and sending several messages
/// in one packet.
/// </summary>
internal sealed class SocketUpgrade(IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect)
    : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    private ConnectionControl? _control;
    private int _early;

    /// <summary>What is written to, once the WebSocket is accepted.</summary>
    public CorkedStream Output { get; private set; } = null!;

    public bool IsUpgradableRequest => upgrade?.IsUpgradableRequest == true;

    public bool IsExtendedConnect => connect?.IsExtendedConnect == true;

    public string? Protocol => connect?.Protocol;

    /// <summary>Has to come before the framework's own WebSockets, which take the connection from here.</summary>
    public static Task InstallAsync(HttpContext http, RequestDelegate next)
    {
        if (SocketDoor.Of(http) is not null)
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

    /// <summary>Says whose frames they are.</summary>
    public void Serve(ConnectionControl control)
    {
        Volatile.Write(ref _control, control);
        control.Count(Interlocked.Exchange(ref _early, 0));
    }

    public async Task<Stream> UpgradeAsync() => Wrap(await upgrade!.UpgradeAsync());

    public async ValueTask<Stream> AcceptAsync() => Wrap(await connect!.AcceptAsync());

    private ControlFrameStream Wrap(Stream stream) => new(Output = new CorkedStream(stream), Count);

    private void Count(int frames)
    {
        if (Volatile.Read(ref _control) is { } control)
        {
            control.Count(frames);
        }
        else
        {
            Interlocked.Add(ref _early, frames);
        }
    }
}
