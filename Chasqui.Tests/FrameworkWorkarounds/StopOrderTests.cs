using Chasqui.Server.FrameworkWorkarounds;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.FrameworkWorkarounds;

public sealed class StopOrderTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task ActionRunsWhileSignalRConnectionsAreOpen()
    {
        await using var bare = new BareApp();
        bare.Builder.Services.AddSignalR();
        var answer = "";
        HubConnection? client = null;
        using var http = await bare.StartAsync(app =>
        {
            app.MapHub<EchoHub>("/hub");
            StopOrder.BeforeSignalR(
                app.Lifetime,
                async () => answer = await client!.InvokeAsync<string>(nameof(EchoHub.Echo), "still open"),
                Deadline);
        });
        client = await ConnectAsync(bare);

        await Task.Run(() => bare.App.StopAsync());

        Assert.Equal("still open", answer);
        await client.DisposeAsync();
    }

    /// <summary>Without this, a plain registration would do.</summary>
    [Fact]
    public async Task SignalRClosesItsConnectionsBeforeAnEarlierCallback()
    {
        await using var bare = new BareApp();
        bare.Builder.Services.AddSignalR();
        using var closed = new ManualResetEventSlim();
        var wasClosed = false;
        using var http = await bare.StartAsync(app =>
        {
            app.Lifetime.ApplicationStopping.Register(() => wasClosed = closed.Wait(Deadline));
            app.MapHub<EchoHub>("/hub");
        });
        await using var client = await ConnectAsync(bare);
        client.Closed += _ =>
        {
            closed.Set();
            return Task.CompletedTask;
        };

        await Task.Run(() => bare.App.StopAsync());

        Assert.True(wasClosed);
    }

    private static async Task<HubConnection> ConnectAsync(BareApp bare)
    {
        var client = new HubConnectionBuilder().WithUrl(new Uri(bare.Url, "/hub")).Build();
        await client.StartAsync();
        return client;
    }

    private sealed class EchoHub : Hub
    {
        public string Echo(string text) => Context.ConnectionAborted.IsCancellationRequested ? "closed" : text;
    }
}
