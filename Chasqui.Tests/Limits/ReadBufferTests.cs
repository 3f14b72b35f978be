using System.Net.Sockets;
using System.Text;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Limits;

public sealed class ReadBufferTests
{
    /// <summary>The read buffer and the buffers of the kernel; half of what the framework's read buffer alone would take.</summary>
    private const int MostBytes = 512 * 1024;

    [Fact]
    public async Task ServerStopsTakingBytesFromClientThatDoesNotRead()
    {
        await using var server = new TestServer
        {
            // A high rate, so that the server soon ends the connection: then nothing more can be written.
            Configure = services => services.AddSingleton(new MinDataRate(bytesPerSecond: 1_000_000, gracePeriod: TimeSpan.FromSeconds(5))),
        };
        await server.StartAsync();
        using var deadline = new CancellationTokenSource(2 * RawClient.Deadline);
        using var client = new TcpClient { ReceiveBufferSize = 4096, SendBufferSize = 4096 };
        var uri = new Uri(server.Url);
        await client.ConnectAsync(uri.Host, uri.Port, deadline.Token);
        const string Request = "GET /openapi/v1.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
        var requests = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Request, 80)));

        var taken = 0;
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                await client.GetStream().WriteAsync(requests, deadline.Token);
                taken += requests.Length;
            }
        });

        Assert.InRange(taken, 1, MostBytes);
    }
}
