using Chasqui.Server.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chasqui.Server.Health;

/// <summary>
/// Whether storage takes writes: one is made, through the same queue as everybody's. Its outcome is kept for a moment, so that
/// nobody can make the disk busy by asking.
/// </summary>
internal sealed class StorageCheck(WriteQueue writes, Writer writer, TimeProvider clock) : IHealthCheck
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(1);

    /// <summary>Less than proxies wait for an answer, and than a database may take that hangs.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Probe? _last;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var probe = Current();
        try
        {
            var left = Deadline - clock.GetElapsedTime(probe.StartedAt);
            return await probe.Outcome.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Behind a long queue it is no reason to send all clients to the other servers, which have as much to do.
            return writer.Commits > probe.CommitsBefore
                ? HealthCheckResult.Degraded("Writes wait for longer than a second.")
                : HealthCheckResult.Unhealthy("Storage does not answer within a second.");
        }
    }

    private Probe Current()
    {
        lock (_gate)
        {
            if (_last is null || (_last.EndedAt is { } ended && clock.GetElapsedTime(ended) >= KeptFor))
            {
                _last = new Probe(writes, writer, clock);
            }

            return _last;
        }
    }

    /// <summary>One write, however many wait for it.</summary>
    private sealed class Probe
    {
        public Probe(WriteQueue writes, Writer writer, TimeProvider clock)
        {
            StartedAt = clock.GetTimestamp();
            CommitsBefore = writer.Commits;
            Outcome = RunAsync(writes, clock);
        }

        public long StartedAt { get; }

        public long? EndedAt { get; private set; }

        public long CommitsBefore { get; }

        public Task<HealthCheckResult> Outcome { get; }

        private async Task<HealthCheckResult> RunAsync(WriteQueue writes, TimeProvider clock)
        {
            try
            {
                await writes.RunAsync(session => session.TouchHealth(clock.GetUtcNow()));
                return HealthCheckResult.Healthy();
            }
            catch (WriteRefusedException e)
            {
                return e.Refusal switch
                {
                    WriteRefusal.Overloaded => HealthCheckResult.Degraded("More writes wait than are let in."),
                    WriteRefusal.Stopping => HealthCheckResult.Unhealthy("No more writes are taken."),
                    _ => HealthCheckResult.Unhealthy(StorageFaults.PublicReason(e.InnerException)),
                };
            }
            finally
            {
                EndedAt = clock.GetTimestamp();
            }
        }
    }
}
