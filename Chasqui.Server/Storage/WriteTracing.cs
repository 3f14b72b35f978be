using System.Diagnostics;
using Chasqui.Server.Telemetry;

namespace Chasqui.Server.Storage;

/// <summary>Whose a write is, and since when it waits.</summary>
internal sealed record WriteTrace(ActivityContext Caller, DateTimeOffset QueuedAt);

/// <summary>
/// Writes of many callers share a commit: each caller's trace has a span of its own, which leads to the commit's. Where nobody
/// traces, none of it happens.
/// </summary>
internal static class WriteTracing
{
    public static void Queued(Write write)
    {
        if (ServerTracing.Source.HasListeners() && Activity.Current is { } caller)
        {
            write.Trace = new WriteTrace(caller.Context, DateTimeOffset.UtcNow);
        }
    }

    /// <summary>Begins the span of a commit.</summary>
    public static Activity? Begin(List<Write> batch)
    {
        var commit = ServerTracing.Source.StartActivity("chasqui.commit");
        commit?.SetTag("chasqui.commit.writes", batch.Count);
        return commit;
    }

    /// <summary>Ends it, and those of its writes.</summary>
    public static void End(Activity? commit, List<Write> batch, string? failure = null)
    {
        if (commit is null)
        {
            return;
        }

        // Before theirs: what begins while it is current would be a part of it.
        EndOne(commit, failure);
        foreach (var write in batch)
        {
            if (write.Trace is { } trace
                && ServerTracing.Source.StartActivity(
                    ActivityKind.Internal, trace.Caller, links: [new ActivityLink(commit.Context)], startTime: trace.QueuedAt, name: "chasqui.write") is { } span)
            {
                EndOne(span, failure);
            }
        }
    }

    private static void EndOne(Activity span, string? failure)
    {
        if (failure is not null)
        {
            span.SetStatus(ActivityStatusCode.Error, failure);
        }

        span.Dispose();
    }
}
