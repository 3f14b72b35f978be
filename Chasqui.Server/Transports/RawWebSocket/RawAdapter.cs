using System.Buffers;
using System.Net.WebSockets;
using System.Security.Claims;
using Chasqui.Server.Delivery;
using Chasqui.Server.Errors;
using Chasqui.Server.Limits;
using Chasqui.Server.Transports.SignalR;
using Chasqui.Server.Transports.Connections;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Transports.RawWebSocket;

/// <summary>
/// Runs raw WebSockets as connections of the hub. It knows bytes and how a socket ends; what the bytes mean is the
/// protocol's business, and rooms are the hub's.
/// </summary>
internal sealed class RawAdapter
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    /// <summary>A reader that was too slow gets this long to read what the socket still holds, and why it was closed.</summary>
    private static readonly TimeSpan SlowReaderTimeout = TimeSpan.FromSeconds(30);

    private readonly HubConnectionHandler<ChatHub> _handler;
    private readonly ConnectionServer _server;
    private readonly long _outputLimit;
    private readonly LimitOptions _limits;
    private readonly TimeProvider _clock;
    private readonly byte[] _handshake;
    private readonly ILogger<RawAdapter> _logger;

    public RawAdapter(
        IServiceProvider services, ConnectionServer server, IOptions<DeliveryOptions> options, IOptions<LimitOptions> limits, TimeProvider clock,
        ErrorCounter errors, ILogger<RawAdapter> logger)
    {
        _server = server;
        _limits = limits.Value;
        _clock = clock;
        _logger = logger;
        var protocol = new CountedRawProtocol(errors);
        // A handler of its own, so that only this door speaks the raw protocol, and speaks nothing else.
        _handler = ActivatorUtilities.CreateInstance<HubConnectionHandler<ChatHub>>(services, new OnlyProtocol(protocol));
        _outputLimit = options.Value.MaxQueuedBytesPerConnection;
        var handshake = new ArrayBufferWriter<byte>();
        HandshakeProtocol.WriteRequestMessage(new HandshakeRequestMessage(protocol.Name, protocol.Version), handshake);
        _handshake = handshake.WrittenSpan.ToArray();
    }

    /// <summary>Serves a connection that was taken out of HTTP.</summary>
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

    /// <param name="socket">The WebSocket, which ends with the connection.</param>
    /// <param name="stream">What is under it.</param>
    /// <param name="user">Whose it is.</param>
    /// <param name="gone">Says when the client is.</param>
    public Task RunAsync(WebSocket socket, MeteredStream stream, ClaimsPrincipal user, CancellationToken gone)
    {
        var connection = new RawConnection(
            socket, stream, user, _outputLimit, _limits.NewAllowance(_limits.FramesPer10s, _clock), _limits.MaxJoinedConversations);
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
        if (connection.Control.End == CloseReason.TooSlow)
        {
            DeliveryLog.TooSlow(_logger, connection.ConnectionId);
        }

        await CloseAsync(socket, connection, receiving);
        if (await receiving)
        {
            await LingerAsync(gone);
        }
    }

    /// <summary>
    /// The framework answers a violation of RFC 6455 (invalid UTF-8, say) with a close of its own and then reads no more;
    /// returning at once would reset the connection, and the client might never see why. A client that is gone ends it.
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

    /// <summary>Lets the socket send what the hub said last, says why it ends, and waits for the client to agree.</summary>
    private static async Task CloseAsync(WebSocket socket, RawConnection connection, Task receiving)
    {
        var end = connection.Control.End ?? CloseReason.InternalError;
        using var deadline = new CancellationTokenSource(end == CloseReason.TooSlow ? SlowReaderTimeout : CloseTimeout);
        try
        {
            await connection.Output.WhenDrainedAsync().WaitAsync(deadline.Token);
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                // Not by its token alone: a write that waits for room on a socket that its client has ended hears of no abort.
                await socket.CloseOutputAsync((WebSocketCloseStatus)end.Code, end.Reason, deadline.Token).WaitAsync(deadline.Token);
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
