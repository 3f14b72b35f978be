using Chasqui.Server.Accounts;
using Chasqui.Server.Delivery;
using Microsoft.AspNetCore.Http.Features;

namespace Chasqui.Server.WebSockets;

/// <summary>
/// Sees the control frames of a WebSocket, so that they count like other frames: the framework answers pings by itself, and
/// tells nobody. Both doors get their sockets through it.
/// </summary>
internal sealed class ControlFrames(IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect)
    : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    private ConnectionControl? _control;
    private int _early;

    public bool IsUpgradableRequest => upgrade?.IsUpgradableRequest == true;

    public bool IsExtendedConnect => connect?.IsExtendedConnect == true;

    public string? Protocol => connect?.Protocol;

    /// <summary>Has to come before the framework's own WebSockets, which take the connection from here.</summary>
    public static Task WatchAsync(HttpContext http, RequestDelegate next)
    {
        if (SocketDoor.Of(http) is not null)
        {
            var (upgrade, connect) = (http.Features.Get<IHttpUpgradeFeature>(), http.Features.Get<IHttpExtendedConnectFeature>());
            var frames = new ControlFrames(upgrade, connect);
            http.Features.Set(frames);
            if (upgrade is not null)
            {
                http.Features.Set<IHttpUpgradeFeature>(frames);
            }

            if (connect is not null)
            {
                http.Features.Set<IHttpExtendedConnectFeature>(frames);
            }
        }

        return next(http);
    }

    /// <summary>Says whose frames they are.</summary>
    public void Serve(ConnectionControl control)
    {
        Volatile.Write(ref _control, control);
        control.Count(Interlocked.Exchange(ref _early, 0));
    }

    public async Task<Stream> UpgradeAsync() => new ControlFrameStream(await upgrade!.UpgradeAsync(), Count);

    public async ValueTask<Stream> AcceptAsync() => new ControlFrameStream(await connect!.AcceptAsync(), Count);

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
