using Chasqui.Server.FrameworkWorkarounds;
using Chasqui.Server.Delivery;
using Chasqui.Server.Errors;
using Chasqui.Server.Http;
using Chasqui.Server.Limits;
using Chasqui.Server.Transports.Connections;

namespace Chasqui.Server.Transports.RawWebSocket;

/// <summary>The handshake of the raw WebSocket transport.</summary>
internal static class RawEndpoint
{
    public const string Path = "/api/ws/chat";

    public static void MapRawChat(this WebApplication app) => app
        .MapMethods(Path, [HttpMethods.Get, HttpMethods.Connect], AcceptAsync)
        .RequireAuthorization()
        .WithMetadata(new TransportEndpoint("token"))
        .WithTags("WebSocket")
        .WithSummary("Opens a raw JSON WebSocket; the token goes into the query as 'token'")
        .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(429).ProducesProblem(503);

    private static async Task AcceptAsync(HttpContext http, RawAdapter adapter, RunningRequests requests)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            await Refusal.Of(ErrorCodes.WebSocketRequired).ExecuteAsync(http);
            return;
        }

        var user = http.User;
        var socket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            KeepAliveInterval = Heartbeat.Interval,
            KeepAliveTimeout = Heartbeat.Timeout,
        });
        requests.OnConnected(http);
        if (HttpDetachment.TryTake(http, transport => adapter.RunAsync(transport, user)))
        {
            if (http.Features.Get<TcpConnection>() is { } tcp)
            {
                tcp.IsChat = true;
            }

            // This socket has answered the handshake and belongs to the HTTP request; RawAdapter makes another one.
            socket.Dispose();
        }
        else
        {
            await adapter.RunAsync(socket, SocketUpgrade.Of(http).Stream!, user, http.RequestAborted);
        }
    }
}
