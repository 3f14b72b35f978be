using System.Data.Common;
using Chasqui.Server.Accounts;
using Chasqui.Server.Delivery;

namespace Chasqui.Server.Transports.Connections;

/// <summary>Serves a connection of either transport from its handshake to its end.</summary>
internal sealed class ConnectionServer(ConnectionRegistry connections, TokenStore tokens, ILogger<ConnectionServer> logger)
{
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
