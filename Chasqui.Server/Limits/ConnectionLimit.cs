using System.Runtime.InteropServices;
using Chasqui.Protocol;
using Chasqui.Server.FrameworkWorkarounds;
using Chasqui.Server.Errors;
using Chasqui.Server.Http;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Limits;

/// <summary>How many connections one user may have, and all together, through both doors.</summary>
internal sealed class ConnectionLimit(ConnectionCapacity capacity, IOptions<LimitOptions> options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<UserId, int> _byUser = [];
    private readonly int _limit = capacity.Chat;
    private readonly int _limitPerUser = options.Value.MaxConnectionsPerUser;
    private int _count;

    /// <summary>Serves a connection that is one request to its end, or refuses it before the upgrade.</summary>
    public async Task ServeAsync(HttpContext http, Func<Task> serve)
    {
        var user = http.User.GetUserId();
        if (!TryEnter(user))
        {
            await RefuseAsync(http);
            return;
        }

        try
        {
            await serve();
        }
        finally
        {
            ConnectionOver.WhenOver(http, () => Leave(user));
        }
    }

    public static Task RefuseAsync(HttpContext http) => Refusal.For(http, LimitErrors.TooManyConnections).ExecuteAsync(http);

    /// <summary>Takes a place, which has to be given back.</summary>
    /// <returns><see langword="false"/> when there is none.</returns>
    public bool TryEnter(UserId user)
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

    public void Leave(UserId user)
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
