using System.Net.WebSockets;
using Chasqui.Server.FrameworkWorkarounds;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.FrameworkWorkarounds;

public sealed class WebSocketCloseCodesTests
{
    /// <summary>When SignalR can close with other codes, or reads another feature, the workaround can go.</summary>
    [Theory]
    [InlineData(false, 1000)]
    [InlineData(true, 4401)]
    public async Task SignalRClosesWithItsOwnCodeUnlessReplaced(bool replaces, int code)
    {
        await using var bare = new BareApp();
        bare.Builder.Services.AddSignalR();
        using var http = await bare.StartAsync(app =>
        {
            app.UseWebSockets();
            app.Use((http, next) =>
            {
                if (replaces)
                {
                    WebSocketCloseCodes.Install(http);
                    http.Features.Get<WebSocketCloseCodes>()!.Close = () => (4401, "ended");
                }

                return next(http);
            });
            app.MapHub<Leaving>("/hub");
        });
        using var socket = new ClientWebSocket();
        using var deadline = new CancellationTokenSource(Support.RawClient.Deadline);
        await socket.ConnectAsync(new UriBuilder(bare.Url) { Scheme = "ws", Path = "/hub" }.Uri, deadline.Token);
        await socket.SendAsync("{\"protocol\":\"json\",\"version\":1}\u001e"u8.ToArray(), WebSocketMessageType.Text, true, deadline.Token);

        var buffer = new byte[1024];
        while ((await socket.ReceiveAsync(buffer, deadline.Token)).MessageType != WebSocketMessageType.Close)
        {
        }

        Assert.Equal(code, (int?)socket.CloseStatus);
    }

    private sealed class Leaving : Hub
    {
        public override Task OnConnectedAsync()
        {
            Context.Abort();
            return Task.CompletedTask;
        }
    }
}
