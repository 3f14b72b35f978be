using System.Net;
using System.Net.Sockets;
using Chasqui.Server.FrameworkWorkarounds;
using Microsoft.AspNetCore.Hosting;

namespace Chasqui.Tests.FrameworkWorkarounds;

public sealed class StartFailureTests
{
    [Fact]
    public async Task AddressInUseIsRecognized()
    {
        await using var bare = new BareApp();

        Assert.True(AddressInUse.Is(await FailToStartAsync(bare)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HostLogsTheExceptionThatItThrowsUnlessItIsSilenced(bool isSilenced)
    {
        await using var bare = new BareApp();
        if (isSilenced)
        {
            bare.Builder.SilenceHost();
        }

        var failure = await FailToStartAsync(bare);

        var log = await bare.LogAsync("Microsoft.Extensions.Hosting.Internal.Host");
        Assert.Equal(!isSilenced, log.Contains(failure.Message, StringComparison.Ordinal));
    }

    private static async Task<Exception> FailToStartAsync(BareApp bare)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        bare.Builder.WebHost.UseUrls($"http://{listener.LocalEndpoint}");
        return await Assert.ThrowsAnyAsync<Exception>(() => bare.StartAsync(_ => { }));
    }
}
