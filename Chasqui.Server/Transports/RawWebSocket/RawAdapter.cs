using Chasqui.Protocol.Raw;
using Chasqui.Server.Delivery;
using Chasqui.Server.Errors;
using Chasqui.Server.Limits;
using Chasqui.Server.Telemetry;
using Chasqui.Server.Transports.SignalR;
using Chasqui.Server.Transports.Connections;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Chasqui.Server.Transports.RawWebSocket;

/// <summary>
/// Runs raw WebSockets as connections of the hub. It knows bytes and closes; <see cref="RawHubProtocol"/> knows frames, the
/// hub knows conversations.
/// </summary>
internal sealed class RawAdapter
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    /// <summary>A client that was too slow has this long to read the rest and the close code.</summary>
    private static readonly TimeSpan SlowReaderTimeout = TimeSpan.FromSeconds(30);

    private readonly HubConnectionHandler<ChatHub> _handler;
    private readonly ConnectionServer _server;
    private readonly LimitOptions _limits;
    private readonly byte[] _handshake;

    public RawAdapter(IServiceProvider services, ConnectionServer server, IOptions<LimitOptions> limits, ErrorCounter errors)
    {
        _server = server;
        _limits = limits.Value;
        var protocol = new RawHubProtocol(code => errors.Add(TransportNames.Raw, code), documentedOnly: true);
        // A handler of its own: this endpoint speaks the raw protocol only, and no other endpoint speaks it.
        _handler = ActivatorUtilities.CreateInstance<HubConnectionHandler<ChatHub>>(services, new OnlyProtocol(protocol));
        var handshake = new ArrayBufferWriter<byte>();
        HandshakeProtocol.WriteRequestMessage(new HandshakeRequestMessage(protocol.Name, protocol.Version), handshake);
        _handshake = handshake.WrittenSpan.ToArray();
    }

    /// <summary>Serves a connection that has left HTTP.</summary>
    public Task RunAsync(ConnectionContext transport, ClaimsPrincipal user)
    {
        var bytes = new TransportStream(transport);
        var stream = new MeteredStream(bytes);
        bytes.Owner = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions
        {
            IsServer = true,
            KeepAliveInterval = Heartbeat.Interval,
            KeepAliveTimeout = Heartbeat.Timeout,
        });
        return RunAsync(bytes.Owner, stream, user, transport.ConnectionClosed);
    }

    /// <param name="socket">Disposed of at the end of the connection.</param>
    /// <param name="stream">The stream under the socket.</param>
    /// <param name="user">The authenticated user.</param>
    /// <param name="gone">Cancelled when the client is gone.</param>
    public Task RunAsync(WebSocket socket, MeteredStream stream, ClaimsPrincipal user, CancellationToken gone)
    {
        var connection = new RawConnection(_server, socket, stream, user);
        stream.Serve(connection.Control);
        return RunAsync(socket, connection, gone);
    }

    private async Task RunAsync(WebSocket socket, RawConnection connection, CancellationToken gone)
    {
        using var ended = connection;
        await connection.Input.WriteAsync(_handshake, CancellationToken.None);
        var hub = RunHubAsync(connection);
        var receiving = FrameReceiver.ReceiveAsync(socket, connection.Input, connection.Control, _limits);
        await hub;
        await CloseAsync(socket, connection, receiving);
        if (await receiving)
        {
            await LingerAsync(gone);
        }
    }

    /// <summary>
    /// The framework closes a connection that violates RFC 6455 (by invalid UTF-8, for example) and then reads no more. Returning
    /// at once would reset the connection before the client has read the close code.
    /// </summary>
    private static async Task LingerAsync(CancellationToken gone) =>
        await Task.Delay(CloseTimeout, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task RunHubAsync(RawConnection connection)
    {
        try
        {
            await _server.ServeAsync(connection.Control, () => _handler.OnConnectedAsync(connection));
        }
        finally
        {
            connection.EndInput();
        }
    }

    /// <summary>Sends what is queued and the close code, and waits for the client's close.</summary>
    private static async Task CloseAsync(WebSocket socket, RawConnection connection, Task receiving)
    {
        var end = connection.Control.End ?? CloseReason.InternalError;
        using var deadline = new CancellationTokenSource(end == CloseReason.TooSlow ? SlowReaderTimeout : CloseTimeout);
        try
        {
            await connection.Control.Output.WhenDrainedAsync().WaitAsync(deadline.Token);
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                // The token alone is not enough: it does not end a write that waits on a socket that the client has half closed.
                await socket.CloseOutputAsync((WebSocketCloseStatus)end.Code, end.Reason, deadline.Token)
                    .WaitAsync(deadline.Token);
            }

            await receiving.WaitAsync(deadline.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            socket.Abort();
        }
    }

    private sealed class OnlyProtocol(IHubProtocol protocol) : IHubProtocolResolver
    {
        public IReadOnlyList<IHubProtocol> AllProtocols { get; } = [protocol];

        public IHubProtocol? GetProtocol(string protocolName, IReadOnlyList<string>? supportedProtocols) =>
            protocolName == protocol.Name ? protocol : null;
    }
}
