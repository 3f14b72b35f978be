using Chasqui.Server.FrameworkWorkarounds;
using Chasqui.Server.Errors;
using Chasqui.Server.Http;

namespace Chasqui.Server.Limits;

/// <summary>Limits the chat connections per user and in all, raw and SignalR together.</summary>
internal sealed class ConnectionLimit(ConnectionCapacity capacity, IOptions<LimitOptions> options)
{
    private readonly UsageCounter<UserId> _connections = new(capacity.Chat, options.Value.MaxConnectionsPerUser);

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

    public bool TryEnter(UserId user) => _connections.TryEnter(user);

    public void Leave(UserId user) => _connections.Leave(user);
}
