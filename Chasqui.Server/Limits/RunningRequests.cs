using Chasqui.Server.Errors;
using Chasqui.Server.Http;

namespace Chasqui.Server.Limits;

/// <summary>
/// The requests in flight, sockets excluded. Their number is limited by address, their bodies count in the memory budget, and their
/// time is limited: a body or an answer that moves at the slowest rate that is allowed would otherwise be held for minutes.
/// </summary>
internal sealed class RunningRequests(MemoryBudget budget, TimeProvider clock)
{
    /// <summary>For a request with a body, which is short, and its answer.</summary>
    private static readonly TimeSpan BodyTime = TimeSpan.FromSeconds(30);

    /// <summary>For other requests: a page of history of the longest messages on a slow line.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<Running, bool> _running = new(ReferenceEqualityComparer.Instance);
    private readonly UsageCounter<IPAddress> _count = new(int.MaxValue, FixedLimits.ConcurrentRequestsPerAddress);

    public Task ServeAsync(HttpContext http, RequestDelegate next)
    {
        var connection = http.Features.Get<TcpConnection>();
        connection?.Begin();
        if (TransportEndpoint.Of(http) is not null)
        {
            http.Response.OnCompleted(() => EndAsync(connection));
            return next(http);
        }

        var address = ClientAddress.Of(http);
        var isServed = _count.TryEnter(address, most: budget.IsShort ? FixedLimits.RequestsPerAddressInShortage : int.MaxValue);
        var hasBody = http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;
        var bodyBytes = isServed && hasBody ? BodyBytes(http) : 0;
        var running = new Running(http, clock.GetTimestamp(), hasBody ? BodyTime : AnswerTime);
        _running.TryAdd(running, true);
        budget.Held(bodyBytes);
        // Not when the handler returns: the answer may not have been read.
        http.Response.OnCompleted(() =>
        {
            _running.TryRemove(running, out _);
            budget.Held(-bodyBytes);
            if (isServed)
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
    public int Abort(TimeSpan? most = null)
    {
        var aborted = 0;
        foreach (var running in _running.Keys)
        {
            if (clock.GetElapsedTime(running.Since) > (most ?? running.Time) && _running.ContainsKey(running))
            {
                running.Http.Abort();
                aborted++;
            }
        }

        return aborted;
    }

    /// <summary>A body may be in memory as a whole, and as long again as text.</summary>
    private static int BodyBytes(HttpContext http)
    {
        var most = http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? 0;
        return 2 * (int)Math.Min(http.Request.ContentLength ?? most, most);
    }

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

    private sealed record Running(HttpContext Http, long Since, TimeSpan Time);
}
