using System.Collections.Concurrent;
using System.Diagnostics;
using Chasqui.Server.Limits;
using Chasqui.Server.Transports.SignalR;
using Chasqui.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Presence;

/// <summary>A thousand people connect at once, as after a restart: strangers, and the members of groups of a hundred.</summary>
[FullTier]
public sealed class PresenceStormTests : IAsyncLifetime
{
    private const int People = 1_000;
    private const int GroupSize = 100;

    /// <summary>Of <c>PresenceService</c>, and what one turn may add to it.</summary>
    private const int MaxEventsPerSecond = 20_000 + (100 * GroupSize);

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly TestServer _server = new();

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EventsOfManyWhoConnectAtOnceAreCoalescedAndBounded(bool areMembers)
    {
        var people = new List<Person>();
        while (people.Count < People)
        {
            people.Add(await _server.PersonAsync());
        }

        foreach (var group in areMembers ? people.Chunk(GroupSize) : [])
        {
            await group[0].OpenGroupAsync(group[1..]);
        }

        var live = _server.Services.GetRequiredService<ChatLifetimeManager>();
        using var process = Process.GetCurrentProcess();
        var (before, processor, time) = (live.Deliveries, process.TotalProcessorTime, Stopwatch.StartNew());
        // As many at once as the server takes from one address.
        var sockets = new ConcurrentBag<RawClient>();
        await Parallel.ForEachAsync(
            people,
            new ParallelOptions { MaxDegreeOfParallelism = FixedLimits.ConcurrentRequestsPerAddress / 2 },
            async (person, _) => sockets.Add(await person.OptInAsync()));
        var connected = time.Elapsed;
        using var stop = new CancellationTokenSource();
        var reading = sockets.Select(socket => ReadAsync(socket, stop.Token)).ToArray();

        // Until a second brings no more.
        var (last, most) = (live.Deliveries - before, 0L);
        var isQuiet = false;
        while (!isQuiet)
        {
            await Task.Delay(Second);
            var now = live.Deliveries - before;
            (isQuiet, most, last) = (now == last && time.Elapsed > connected + (2 * Second), Math.Max(most, now - last), now);
        }

        process.Refresh();
        TestOutput.WriteLine(
            $"members: {areMembers}, connected in {connected}, {last - People} events in {time.Elapsed}, at most {most} in a second, "
            + $"{process.TotalProcessorTime - processor} of processor time with the clients");
        // Each Welcome counts too. At most each member is told of each other one; a client that has not sent its hello is not
        // told.
        Assert.InRange(last - People, areMembers ? People : 0, areMembers ? People * (GroupSize - 1) : 0);
        Assert.InRange(most, 0, MaxEventsPerSecond + People);
        await stop.CancelAsync();
        await Task.WhenAll(reading);
        await Task.WhenAll(sockets.Select(socket => socket.DisposeAsync().AsTask()));
    }

    private static async Task ReadAsync(RawClient socket, CancellationToken stop)
    {
        try
        {
            while (await socket.TryReceiveBytesAsync(stop) is not null)
            {
            }
        }
        catch (OperationCanceledException)
        {
            // The test has counted.
        }
    }
}
