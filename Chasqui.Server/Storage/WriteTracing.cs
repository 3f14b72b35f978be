using Chasqui.Server.Telemetry;

namespace Chasqui.Server.Storage;

internal sealed record WriteTrace(ActivityContext Caller, DateTimeOffset QueuedAt);

/// <summary>
/// Writes of many callers share a commit: each caller's trace gets a span for its write, with a link to the span of the commit.
/// Costs nothing without a listener.
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

    public static Activity? Begin(List<Write> batch) =>
        ServerTracing.Source.StartActivity("chasqui.commit")?.SetTag("chasqui.commit.writes", batch.Count);

    /// <summary>Ends the span of a commit and those of its writes.</summary>
    public static void End(Activity? commit, List<Write> batch, string? failure = null)
    {
        if (commit is null)
        {
            return;
        }

        // First: a span that starts while it is current would be its child.
        EndOne(commit, failure);
        foreach (var write in batch)
        {
            if (write.Trace is { } trace
                && ServerTracing.Source.StartActivity(
                    ActivityKind.Internal, trace.Caller, links: [new ActivityLink(commit.Context)], startTime: trace.QueuedAt,
                    name: "chasqui.write") is { } span)
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
