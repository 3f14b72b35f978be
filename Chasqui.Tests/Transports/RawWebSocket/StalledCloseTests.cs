using System.Text;
using Chasqui.Tests.Fuzzing;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Transports.RawWebSocket;

public sealed class StalledCloseTests : IAsyncLifetime
{
    /// <summary>Fifteen megabytes: more than the kernel buffers on both sides of a socket.</summary>
    private const int Messages = 1_500;

    private static readonly byte[] Close = [0x88, 0x80, 0, 0, 0, 0];

    private readonly TestServer _server = new();

    public async ValueTask InitializeAsync() => await _server.StartAsync(
        "--Delivery:MaxQueuedBytesPerConnection", "67108864", "--Limits:MaxConnectionsPerUser", "1");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task StalledClientFreesItsPlaceAfterItsClose()
    {
        using var ana = await _server.PersonAsync();
        using var ben = await _server.PersonAsync();
        var room = await ana.OpenGroupAsync(ben);
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        using var stalled = await WireSocket.OpenAsync(new Uri(_server.Url), "/api/ws/chat?token=" + ana.Token, deadline.Token);
        var join = Encoding.ASCII.GetBytes($$"""{"type":"join","conversation_id":"{{room}}","request_id":"j"}""");
        await stalled.SendAsync((byte[])[0x81, (byte)(0x80 | join.Length), 0, 0, 0, 0, .. join], deadline.Token);
        await stalled.ReceiveAsync(deadline.Token);
        await using var sender = await ben.ConnectAsync();
        var content = new string('x', 10_000);
        for (var i = 0; i < Messages; i++)
        {
            await sender.SendAsync(new { type = "message", conversation_id = room, content, request_id = $"{i}" });
            await sender.ReceiveAsync("Ack");
        }

        await stalled.SendAsync(Close, CancellationToken.None);
        stalled.EndSending();

        await using var another = await ana.ConnectWhenThereIsRoomAsync();
        await another.PingAsync();
    }
}
