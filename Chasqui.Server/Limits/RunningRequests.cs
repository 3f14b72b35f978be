using Chasqui.Server.Errors;
using Chasqui.Server.FrameworkWorkarounds;
using Chasqui.Server.Http;

namespace Chasqui.Server.Limits;

/// <summary>
/// The requests in flight, until they have become a chat connection. Their number is limited by address, what they hold counts in
/// the memory budget, and their time is limited: a body or an answer that moves at the slowest rate that is allowed would otherwise
/// be held for minutes.
/// </summary>
internal sealed class RunningRequests(MemoryBudget budget, RequestQueue queue, TimeProvider clock)
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
        // A Unix socket has no address, and a health check must not depend on other clients.
        var isCounted = http.Connection.RemoteIpAddress is not null && !http.Request.Path.StartsWithSegments("/health");
        var address = ClientAddress.Of(http);
        var isServed = !isCounted
            || _count.TryEnter(address, maxOfKey: budget.IsShort ? FixedLimits.RequestsPerAddressInShortage : int.MaxValue);
        // The hub's POSTs are read in another way, and stay within a limit of their own.
        var body = isServed && TransportEndpoint.Of(http) is null ? CountedBody.Install(http, bytes => budget.Held(bytes)) : null;
        var hasBody = http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;
        var bytes = AnswerBytes + HeaderBytes(http.Request.Headers);
        var running = new Running(http, address, clock.GetTimestamp(), hasBody ? BodyTime : AnswerTime, () =>
        {
            budget.Held(-bytes);
            body?.Release();
            if (isCounted && isServed)
            {
                _count.Leave(address);
            }
        });
        _running.TryAdd(running, true);
        budget.Held(bytes);
        http.Features.Set(running);
        // Not when the handler returns: the answer may not have been read.
        http.Response.OnCompleted(() =>
        {
            connection?.End(clock.GetTimestamp());
            Forget(running);
            return Task.CompletedTask;
        });
        // At once: refused requests that waited for a turn would hold what they were refused for.
        return !isServed ? RefuseAsync(http, connection) : isCounted ? queue.RunAsync(http, address, next) : next(http);
    }

    /// <summary>A request has become a chat connection or one of its polls: those count for themselves, and wait for long.</summary>
    public void OnConnected(HttpContext http)
    {
        if (http.Features.Get<Running>() is { } running)
        {
            Forget(running);
        }
    }

    /// <summary>As text they take twice what was sent.</summary>
    public static int HeaderBytes(IHeaderDictionary headers)
    {
        var characters = 0;
        foreach (var (name, values) in headers)
        {
            characters += name.Length;
            foreach (var value in values)
            {
                characters += value?.Length ?? 0;
            }
        }

        return sizeof(char) * characters;
    }

    /// <summary>Ends the requests that have run for longer than each may.</summary>
    public Task<int> AbortAsync() => AbortAsync(running => running.Time);

    /// <summary>Ends the requests that have run for longer than they may while memory is short.</summary>
    /// <param name="maxTime">How long they may run.</param>
    /// <param name="maxTimeOfMany">The same of addresses with many of them: others may only wait for a busy server.</param>
    /// <returns>How many there were.</returns>
    public Task<int> AbortAsync(TimeSpan maxTime, TimeSpan maxTimeOfMany) =>
        AbortAsync(running => IsOfMany(running) ? maxTimeOfMany : maxTime);

    private async Task<int> AbortAsync(Func<Running, TimeSpan> maxTime)
    {
        var aborted = 0;
        foreach (var running in _running.Keys)
        {
            if (clock.GetElapsedTime(running.Since) > maxTime(running) && running.Abort())
            {
                await AbortPace.AfterAsync(++aborted);
            }
        }

        return aborted;
    }

    private bool IsOfMany(Running running) => _count.Of(running.Address) >= FixedLimits.RequestsPerAddressInShortage;

    private void Forget(Running running)
    {
        if (running.End())
        {
            _running.TryRemove(running, out _);
        }
    }

    /// <summary>While memory is short, an answer that nobody reads would cost as much as the request.</summary>
    private Task RefuseAsync(HttpContext http, TcpConnection? connection)
    {
        // A trusted proxy's connection carries the requests of many clients.
        if (budget.IsShort && !HttpProtocol.IsHttp11(http.Request.Protocol) && http.Features.Get<TrustedProxyFeature>() is null)
        {
            connection?.Abort();
            return Task.CompletedTask;
        }

        http.CloseAfterAnswer();
        return Refusal.For(http, LimitErrors.Overloaded).ExecuteAsync(http);
    }

    private sealed class Running(HttpContext http, IPAddress address, long since, TimeSpan time, Action release)
    {
        private readonly Lock _gate = new();
        private bool _ended;
        private bool _aborted;

        public IPAddress Address => address;

        public long Since => since;

        public TimeSpan Time => time;

        /// <summary>Kestrel uses the context for the next request, or for a socket, from now on.</summary>
        /// <returns>Whether it was the first call.</returns>
        public bool End()
        {
            lock (_gate)
            {
                if (_ended)
                {
                    return false;
                }

                _ended = true;
            }

            release();
            return true;
        }

        /// <returns>Whether it was still running.</returns>
        public bool Abort()
        {
            lock (_gate)
            {
                if (_ended || _aborted)
                {
                    return false;
                }

                _aborted = true;
                http.Abort();
                return true;
            }
        }
    }
}
