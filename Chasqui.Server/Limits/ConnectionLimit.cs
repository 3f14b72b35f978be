using System.Runtime.InteropServices;
using Chasqui.Protocol;
using Chasqui.Server.Accounts;
using Chasqui.Server.Errors;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Limits;

/// <summary>
/// How many connections one user may have, and all together, through both doors. A connection is the request that holds it:
/// a WebSocket, a stream of server-sent events, a long poll.
/// </summary>
internal sealed class ConnectionLimit(IOptions<LimitOptions> options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<UserId, int> _byUser = [];
    private readonly int _limit = options.Value.MaxConnections;
    private readonly int _limitPerUser = options.Value.MaxConnectionsPerUser;
    private int _count;

    /// <summary>Serves a connection to its end, or refuses it before the upgrade.</summary>
    public async Task ServeAsync(HttpContext http, Func<Task> serve)
    {
        var user = http.User.GetUserId();
        if (!TryEnter(user))
        {
            await Refusal.For(http, LimitErrors.TooManyConnections).ExecuteAsync(http);
            return;
        }

        try
        {
            await serve();
        }
        finally
        {
            Leave(user);
        }
    }

    private bool TryEnter(UserId user)
    {
        lock (_gate)
        {
            ref var ofUser = ref CollectionsMarshal.GetValueRefOrAddDefault(_byUser, user, out _);
            if (_count >= _limit || ofUser >= _limitPerUser)
            {
                if (ofUser == 0)
                {
                    _byUser.Remove(user);
                }

                return false;
            }

            ofUser++;
            _count++;
            return true;
        }
    }

    private void Leave(UserId user)
    {
        lock (_gate)
        {
            _count--;
            if (--_byUser[user] == 0)
            {
                _byUser.Remove(user);
            }
        }
    }
}
