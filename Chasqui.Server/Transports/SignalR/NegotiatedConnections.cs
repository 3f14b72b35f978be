using Chasqui.Server.Http;
using Chasqui.Server.Limits;
using Microsoft.AspNetCore.Http.Connections;

namespace Chasqui.Server.Transports.SignalR;

/// <summary>
/// Binds each negotiated SignalR connection to the user who opened it, and counts it once, however many requests it takes.
/// SignalR accepts any caller that knows the connection token, and that stands in the address of each request, which proxies log.
/// </summary>
internal sealed class NegotiatedConnections(ConnectionLimit limit, RunningRequests requests)
{
    public const string NameParameter = "id";

    // SignalR's own names are longer.
    private const string NameOfNone = "none";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Held> _held = [];

    private enum Entry
    {
        Held,
        Foreign,
        Full,
    }

    /// <summary>Serves a request that names a connection; the first such request makes its sender the owner.</summary>
    public async Task ServeAsync(string name, HttpContext http, Func<Task> serve)
    {
        switch (Enter(name, http.User.GetUserId()))
        {
            case Entry.Full:
                await ConnectionLimit.RefuseAsync(http);
                break;
            case Entry.Foreign:
                await ServeForeignAsync(http, serve);
                break;
            default:
                requests.OnConnected(http);
                try
                {
                    await serve();
                }
                finally
                {
                    Leave(name);
                }

                break;
        }
    }

    /// <summary>Serves a request that acts on a connection and cannot open one.</summary>
    public Task CheckAsync(string name, HttpContext http, Func<Task> serve) =>
        IsForeign(name, http.User.GetUserId()) ? ServeForeignAsync(http, serve) : serve();

    /// <summary>Holds a connection between its requests, until its end.</summary>
    public ConnectionDelegate Keep(ConnectionDelegate next) => async connection =>
    {
        var http = connection.GetHttpContext()!;
        var name = http.Request.Query[NameParameter].ToString();
        if (name.Length == 0)
        {
            // A WebSocket without negotiation has no token; it is one request.
            await next(connection);
        }
        // The poll that opened it may be over, and another connection may have its place: then this one ends.
        else if (Enter(name, http.User.GetUserId()) == Entry.Held)
        {
            try
            {
                await next(connection);
            }
            finally
            {
                Leave(name);
            }
        }
    };

    /// <summary>SignalR answers as for a connection that does not exist.</summary>
    private static Task ServeForeignAsync(HttpContext http, Func<Task> serve)
    {
        http.Request.QueryString = QueryString.Create(NameParameter, NameOfNone);
        return serve();
    }

    private Entry Enter(string name, UserId user)
    {
        lock (_gate)
        {
            if (_held.TryGetValue(name, out var held))
            {
                if (held.Owner != user)
                {
                    return Entry.Foreign;
                }
            }
            else if (limit.TryEnter(user))
            {
                held = new Held(user);
                _held.Add(name, held);
            }
            else
            {
                return Entry.Full;
            }

            held.Holders++;
            return Entry.Held;
        }
    }

    private void Leave(string name)
    {
        lock (_gate)
        {
            var held = _held[name];
            if (--held.Holders == 0)
            {
                _held.Remove(name);
                limit.Leave(held.Owner);
            }
        }
    }

    private bool IsForeign(string name, UserId user)
    {
        lock (_gate)
        {
            return _held.TryGetValue(name, out var held) && held.Owner != user;
        }
    }

    private sealed class Held(UserId owner)
    {
        public UserId Owner { get; } = owner;

        /// <summary>Requests that are under way, and the connection itself.</summary>
        public int Holders { get; set; }
    }
}
