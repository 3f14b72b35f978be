using Chasqui.Server.Errors;
using Chasqui.Server.FrameworkWorkarounds;
using Chasqui.Server.Http;

namespace Chasqui.Server.Limits;

/// <summary>
/// The requests in flight, sockets excluded. Their number is limited by address, what they hold counts in the memory budget, and their
/// time is limited: a body or an answer that moves at the slowest rate that is allowed would otherwise be held for minutes.
/// </summary>
internal sealed class RunningRequests(MemoryBudget budget, TimeProvider clock)
{
    /// <summary>What a request holds besides its body: a part of an answer, as rows and as JSON.</summary>
    private const int AnswerBytes = 64 * 1024;

    /// <summary>For a request with a body, which is short, and its answer.</summary>
    private static readonly TimeSpan BodyTime = TimeSpan.FromSeconds(30);

    /// <summary>For other requests: a page of history of the longest messages on a slow line.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<Running, bool> _running = new();
    private readonly UsageCounter<IPAddress> _count = new(int.MaxValue, FixedLimits.ConcurrentRequestsPerAddress);

    public Task ServeAsync(HttpContext http, RequestDelegate next)
    {
        var connection = http.Features.Get<TcpConnection>();
        connection?.Begin();
        if (TransportEndpoint.OpensConnection(http))
        {
            http.Response.OnCompleted(() => EndAsync(connection));
            return next(http);
        }

        // A Unix socket has no address, and a health check must not depend on other clients.
        var isCounted = http.Connection.RemoteIpAddress is not null && !http.Request.Path.StartsWithSegments("/health");
        var address = ClientAddress.Of(http);
        var isServed = !isCounted
            || _count.TryEnter(address, most: budget.IsShort ? FixedLimits.RequestsPerAddressInShortage : int.MaxValue);
        // The hub's POSTs are read in another way, and stay within a limit of their own.
        var body = isServed && TransportEndpoint.Of(http) is null ? CountedBody.Install(http, bytes => budget.Held(bytes)) : null;
        var hasBody = http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;
        var running = new Running(http, clock.GetTimestamp(), hasBody ? BodyTime : AnswerTime);
        _running.TryAdd(running, true);
        budget.Held(AnswerBytes);
        // Not when the handler returns: the answer may not have been read.
        http.Response.OnCompleted(() =>
        {
            running.End();
            _running.TryRemove(running, out _);
            budget.Held(-AnswerBytes);
            body?.Release();
            if (isCounted && isServed)
            {
                _count.Leave(address);
            }

            return EndAsync(connection);
        });
        return isServed ? next(http) : RefuseAsync(http);
    }

    /// <summary>Ends the requests that have run for too long.</summary>
    /// <param name="most">How long they may run; otherwise each has its time.</param>
    /// <returns>How many there were.</returns>
    public int Abort(TimeSpan? most = null) => _running.Keys.Count(running =>
        clock.GetElapsedTime(running.Since) > (most ?? running.Time) && running.Abort());

    private Task EndAsync(TcpConnection? connection)
    {
        connection?.End(clock.GetTimestamp());
        return Task.CompletedTask;
    }

    /// <summary>The next request of the same connection would cost as much.</summary>
    private static Task RefuseAsync(HttpContext http)
    {
        if (HttpProtocol.IsHttp11(http.Request.Protocol))
        {
            http.Response.Headers.Connection = "close";
        }

        return Refusal.For(http, LimitErrors.Overloaded).ExecuteAsync(http);
    }

    private sealed class Running(HttpContext http, long since, TimeSpan time)
    {
        private readonly Lock _gate = new();
        private bool _ended;

        public long Since => since;

        public TimeSpan Time => time;

        /// <summary>Kestrel uses the context for the next request from now on.</summary>
        public void End()
        {
            lock (_gate)
            {
                _ended = true;
            }
        }

        /// <returns>Whether it was still running.</returns>
        public bool Abort()
        {
            lock (_gate)
            {
                if (_ended)
                {
                    return false;
                }

                _ended = true;
                http.Abort();
                return true;
            }
        }
    }
}
