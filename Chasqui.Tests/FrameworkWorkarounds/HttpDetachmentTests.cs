using System.Diagnostics.Metrics;
using Chasqui.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.FrameworkWorkarounds;

public sealed class HttpDetachmentTests
{
    /// <summary>Kestrel would keep the request, with its headers and its user, until the socket closes.</summary>
    [Fact]
    public async Task RequestOfRawSocketEndsWithItsHandshake()
    {
        await using var server = new TestServer();
        await server.StartAsync();
        using var ana = await server.PersonAsync();
        var (active, began) = (0L, 0L);
        var factory = server.Services.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "http.server.active_requests" && instrument.Meter.Scope == factory)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) =>
        {
            Interlocked.Add(ref active, value);
            Interlocked.Add(ref began, Math.Max(value, 0));
        });
        listener.Start();

        await using var socket = await ana.ConnectAsync();
        await socket.SendAsync(new { type = "ping" });
        await socket.ReceiveAsync("Pong");

        Assert.Equal((0, 1), (Interlocked.Read(ref active), Interlocked.Read(ref began)));
    }
}
