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
        var running = Occupy(go);
        var order = new List<IPAddress>();
        Task[] waiting = [.. Enumerable.Repeat(Many, 1000).Append(Other).Select(address => RunAsync(address, () =>
        {
            lock (order)
            {
                order.Add(address);
            }

            return Task.CompletedTask;
        }))];
        Assert.Empty(order);

        go.Set();
        await Task.WhenAll([.. running, .. waiting]).WaitAsync(RawClient.Deadline);

        // The second in turn, but several run at the same time.
        Assert.InRange(order.IndexOf(Other), 0, 500);
        Assert.Equal(1001, order.Count);
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
        var begun = new CountdownEvent(2 * Environment.ProcessorCount);
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
