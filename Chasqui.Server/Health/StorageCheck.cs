using Chasqui.Server.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chasqui.Server.Health;

/// <summary>
/// Whether storage takes writes: it makes one, through the write queue. It keeps the result for a second, so that frequent checks
/// do not load the disk.
/// </summary>
internal sealed class StorageCheck(WriteQueue writes, Writer writer, TimeProvider clock) : IHealthCheck
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(1);

    /// <summary>Shorter than the timeout of proxies; a database that hangs takes longer.</summary>
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
            // A long queue is no reason to send all clients to the other servers, which are as busy.
            return writer.Commits > probe.CommitsBefore
                ? HealthCheckResult.Degraded("Writes take longer than a second.")
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

    /// <summary>One write, for all checks that wait.</summary>
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
                    WriteRefusal.Overloaded => HealthCheckResult.Degraded("The write queue is full."),
                    WriteRefusal.Stopping => HealthCheckResult.Unhealthy("Storage takes no more writes."),
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
