using System.Net;
using Chasqui.Server.Limits;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Chasqui.Tests.Limits;

public sealed class RequestQueueTests
{
    private static readonly IPAddress Many = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Other = IPAddress.Parse("192.0.2.2");

    private readonly RequestQueue _queue = new();

    [Fact]
    public async Task RequestsThatWaitForTheirClientsKeepNoPlace()
    {
        var client = new TaskCompletionSource();
        Task[] slow = [.. Enumerable.Range(0, 1000).Select(_ => RunAsync(Many, () => client.Task))];

        await RunAsync(Many, () => Task.CompletedTask).WaitAsync(RawClient.Deadline);

        client.SetResult();
        await Task.WhenAll(slow).WaitAsync(RawClient.Deadline);
    }

    [Fact]
    public async Task WaitingRequestsRunInTurnByAddress()
    {
        using var go = new ManualResetEventSlim();
        using var hasOtherRun = new ManualResetEventSlim();
        var running = Occupy(go);
        // In the order in which they came, these would take all places and wait for the other one, which had none.
        Task[] many = [.. Enumerable.Range(0, 1000).Select(_ => RunAsync(Many, () =>
        {
            Assert.True(hasOtherRun.Wait(RawClient.Deadline));
            return Task.CompletedTask;
        }))];
        var other = RunAsync(Other, () =>
        {
            hasOtherRun.Set();
            return Task.CompletedTask;
        });
        Assert.False(other.IsCompleted);

        go.Set();
        await Task.WhenAll([.. running, .. many, other]).WaitAsync(RawClient.Deadline);
    }

    [Fact]
    public async Task RequestThatWasAbortedWhileItWaitedDoesNotRun()
    {
        using var go = new ManualResetEventSlim();
        var running = Occupy(go);
        var hasRun = false;
        var aborted = _queue.RunAsync(
            new DefaultHttpContext { RequestAborted = new CancellationToken(canceled: true) },
            Other,
            _ =>
            {
                hasRun = true;
                return Task.CompletedTask;
            });

        go.Set();
        await Task.WhenAll([.. running, aborted]).WaitAsync(RawClient.Deadline);

        Assert.False(hasRun);
    }

    /// <summary>Requests that run until the event is set, one for each place.</summary>
    private Task[] Occupy(ManualResetEventSlim go)
    {
        using var begun = new CountdownEvent(2 * Environment.ProcessorCount);
        Task[] running = [.. Enumerable.Range(0, begun.InitialCount).Select(_ => Task.Factory.StartNew(
            () => RunAsync(Many, () =>
            {
                begun.Signal();
                go.Wait();
                return Task.CompletedTask;
            }),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap())];
        Assert.True(begun.Wait(RawClient.Deadline));
        return running;
    }

    private Task RunAsync(IPAddress address, Func<Task> handle) =>
        _queue.RunAsync(new DefaultHttpContext(), address, _ => handle());
}
