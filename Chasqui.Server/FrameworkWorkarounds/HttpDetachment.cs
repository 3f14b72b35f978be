using Microsoft.AspNetCore.Connections.Features;

namespace Chasqui.Server.FrameworkWorkarounds;

/// <summary>
/// Takes a connection out of HTTP once its handshake is answered. Kestrel keeps the request of an upgraded connection until its
/// socket closes, and with it the headers, the token and its claims, and every middleware on the way: more than half of what an
/// idle connection would cost (33 KiB; 15 without). Here the request ends with the handshake, and the socket is served on the
/// bare transport.
/// </summary>
/// <remarks>
/// It stands in for the connection's heartbeat: by that Kestrel's HTTP holds on to a connection that it is done with, and would
/// end it after a while.
/// </remarks>
internal sealed class HttpDetachment(ConnectionContext connection) : IConnectionHeartbeatFeature, IConnectionOverFeature
{
    /// <summary>For the last of what a closed socket was sent, which its client may be slow to read.</summary>
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(30);

    private readonly IConnectionHeartbeatFeature _heartbeat = connection.Features.GetRequiredFeature<IConnectionHeartbeatFeature>();
    private readonly IDuplexPipe _transport = connection.Transport;
    private Action? _beat;
    private Func<ConnectionContext, Task>? _serve;
    private Action? _over;

    /// <summary>The middleware of connections that stands under HTTP.</summary>
    public static ConnectionDelegate Offer(ConnectionDelegate next) => connection =>
    {
        var handover = new HttpDetachment(connection);
        connection.Features.Set<IConnectionHeartbeatFeature>(handover);
        connection.Features.Set<IConnectionOverFeature>(handover);
        return handover.RunAsync(next);
    };

    /// <summary>
    /// Asks for the connection of a request whose handshake is answered; it is served when the request has ended.
    /// </summary>
    /// <returns>
    /// <see langword="false"/> where it stays HTTP's: in HTTP/2 others share it, and under TLS this is not where HTTP speaks.
    /// </returns>
    public static bool TryTake(HttpContext http, Func<ConnectionContext, Task> serve)
    {
        if (!HttpProtocol.IsHttp11(http.Request.Protocol) || Of(http) is not { } handover || !handover.IsUnderHttp())
        {
            return false;
        }

        handover._serve = serve;
        return true;
    }

    public bool TryWhenOver(Action action)
    {
        if (_serve is null)
        {
            return false;
        }

        _over += action;
        return true;
    }

    public void OnHeartbeat(Action<object> action, object state)
    {
        if (_beat is null)
        {
            _heartbeat.OnHeartbeat(static handover => ((HttpDetachment)handover)._beat?.Invoke(), this);
        }

        _beat += () => action(state);
    }

    private static HttpDetachment? Of(HttpContext http) => http.Features.Get<IConnectionHeartbeatFeature>() as HttpDetachment;

    private bool IsUnderHttp() => connection.Transport == _transport;

    private async Task RunAsync(ConnectionDelegate next)
    {
        try
        {
            await next(connection);
            if (_serve is not null)
            {
                _beat = null;
                await ServeAsync();
            }
        }
        finally
        {
            // However it ended: what waits for this is counted until then.
            _over?.Invoke();
        }
    }

    private async Task ServeAsync()
    {
        var serve = _serve!;
        _serve = null;
        try
        {
            await serve(connection);
        }
        finally
        {
            await CloseAsync();
        }
    }

    /// <summary>Kestrel does the same when this returns, and would wait without end.</summary>
    private async Task CloseAsync()
    {
        try
        {
            await connection.DisposeAsync().AsTask().WaitAsync(FlushTimeout);
        }
        catch (TimeoutException)
        {
            connection.Abort();
        }
    }
}
