using Chasqui.Tests.Support;

namespace Chasqui.Tests.Health;

public sealed class DrainHealthTests
{
    /// <summary>Unlike any other time that a server waits for.</summary>
    private const int DelaySeconds = 17;

    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(DelaySeconds);

    [Fact]
    public async Task AStoppingServerIsNotReadyAndServesOnUntilItsDelayIsOver()
    {
        var clock = new TestClock();
        await using var server = new TestServer { Clock = clock };
        await server.StartAsync("--Delivery:DrainDelaySeconds", $"{DelaySeconds}");
        using var alice = await server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        await using var socket = await alice.ConnectAsync();
        await socket.JoinAsync(room);
        using var http = server.Anonymous();

        var stopping = server.StopAsync();
        await clock.TimerAsync(Delay);

        var health = await (await http.GetAsync("/health/ready")).ReadAsync(503);
        Assert.Equal("The server is stopping.", StorageHealthTests.Part(health, "drain").Text("message"));
        await (await http.GetAsync("/health/live")).ReadAsync(200);
        await using (var late = await alice.ConnectAsync())
        {
            await late.PingAsync();
            await late.CloseAsync();
        }

        await alice.SendAsync(room, "still here");
        Assert.Equal("still here", (await socket.ReceiveAsync("NewMessage"))["message"]!.Text("content"));

        clock.Advance(Delay);

        Assert.Equal(1001, await socket.ReceiveCloseAsync());
        await Task.WhenAll(socket.CloseAsync(), stopping);
    }
}
