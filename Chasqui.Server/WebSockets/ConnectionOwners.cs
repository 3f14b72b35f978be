using System.Collections.Concurrent;
using Chasqui.Protocol;
using Chasqui.Server.Accounts;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Connections;

namespace Chasqui.Server.WebSockets;

/// <summary>
/// Keeps every connection of a SignalR client to the user who opened it. SignalR itself takes any caller who can name the
/// connection, and the name stands in the address of each of its requests, where proxies write it down.
/// </summary>
internal sealed class ConnectionOwners
{
    private const string NameParameter = "id";

    // SignalR's own names are longer.
    private const string NameOfNone = "none";

    private readonly ConcurrentDictionary<string, UserId> _owners = new();

    /// <summary>To a stranger the connection does not exist; SignalR says so in its own words.</summary>
    public Task CheckAsync(HttpContext http, RequestDelegate next)
    {
        if (_owners.TryGetValue(Name(http), out var owner) && owner != http.User.GetUserId())
        {
            http.Request.QueryString = QueryString.Create(NameParameter, NameOfNone);
        }

        return next(http);
    }

    /// <summary>Knows a connection's owner from its first request to its end; until then its name stood in no address.</summary>
    public ConnectionDelegate Keep(ConnectionDelegate next) => async connection =>
    {
        var http = connection.GetHttpContext()!;
        var name = Name(http);
        // WebSockets that were not negotiated have no name; they are one request.
        if (name.Length > 0)
        {
            _owners[name] = http.User.GetUserId();
        }

        try
        {
            await next(connection);
        }
        finally
        {
            _owners.TryRemove(name, out _);
        }
    };

    private static string Name(HttpContext http) => http.Request.Query[NameParameter].ToString();
}
