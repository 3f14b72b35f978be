using Chasqui.Server.Accounts;
using Chasqui.Server.Delivery;
using Chasqui.Server.Limits;

namespace Chasqui.Server.Transports.Connections;

/// <summary>Serves a connection of either transport from its handshake to its end.</summary>
internal sealed class ConnectionServer(
    ConnectionRegistry connections, TokenStore tokens, IOptions<DeliveryOptions> delivery, IOptions<LimitOptions> limits,
    TimeProvider clock, ILogger<ConnectionServer> logger)
{
    /// <param name="send">Sends what the connection's output writes.</param>
    /// <param name="stop">See <see cref="ClientConnection"/>.</param>
    /// <param name="user">The authenticated user.</param>
    /// <param name="isRaw">Whether it is a raw client.</param>
    public ClientConnection Open(SendPiece send, Action stop, ClaimsPrincipal user, bool isRaw)
    {
        ClientConnection connection = null!;
        var output = new ConnectionOutput(send, delivery.Value.MaxQueuedBytesPerConnection, reason => connection.Close(reason));
        return connection = new ClientConnection(stop, limits.Value.MaxJoinedConversations)
        {
            Output = output,
            IsRaw = isRaw,
            Credentials = ConnectionCredentials.Of(user),
            MaxFragments = limits.Value.MaxFragmentsPerFrame,
            Frames = limits.Value.NewAllowance(limits.Value.FramesPer10s, clock),
        };
    }

    public async Task ServeAsync(ClientConnection connection, Func<Task> serve)
    {
        connections.Add(connection);
        try
        {
            // Asked again once the connection is registered: a token that ended before that has closed no connection here.
            if (await EndOfTokenAsync(connection.Credentials) is { } reason)
            {
                connection.Close(reason);
            }
            else
            {
                await serve();
            }

            if (connection.End == CloseReason.TooSlow)
            {
                DeliveryLog.TooSlow(logger, connection.Hub!.ConnectionId);
            }
        }
        finally
        {
            connections.Remove(connection);
        }
    }

    private async Task<CloseReason?> EndOfTokenAsync(ConnectionCredentials credentials)
    {
        try
        {
            return await tokens.EndReasonAsync(credentials.Token, credentials.User);
        }
        catch (DbException e)
        {
            DeliveryLog.CannotAskForToken(logger, e.Message);
            return CloseReason.InternalError;
        }
    }
}
