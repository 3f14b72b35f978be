using System.Text;
using Chasqui.Server.FrameworkWorkarounds;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Chasqui.Tests.FrameworkWorkarounds;

/// <summary>What the framework logs, without and with the filters.</summary>
public sealed class LogTests
{
    private const string Secret = "s3cr3t-t0k3n";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HostLogsTheQueryUnlessItIsHidden(bool isHidden)
    {
        await using var bare = new BareApp();
        if (isHidden)
        {
            QueryStringFilter.Decorate(bare.Builder.Services);
        }

        using var http = await bare.StartAsync(app =>
        {
            app.Use(QueryStringFilter.RestoreAsync);
            app.Run(context => context.Response.WriteAsync(context.Request.QueryString.Value!));
        });
        var seen = await http.GetStringAsync("/?token=" + Secret);

        Assert.Equal("?token=" + Secret, seen);
        var hosting = await bare.LogAsync("Microsoft.AspNetCore.Hosting.Diagnostics");
        Assert.Equal(!isHidden, hosting.Contains(Secret, StringComparison.Ordinal));
        Assert.Equal(!isHidden, (await bare.LogAsync()).Contains(Secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task KestrelQuotesUnreadableRequestsUnlessItIsSilenced(bool isSilenced)
    {
        await using var bare = new BareApp();
        if (isSilenced)
        {
            bare.Builder.Services.PostConfigure<LoggerFilterOptions>(SensitiveLogFilter.Silence);
        }

        using var http = await bare.StartAsync(_ => { });
        await RawHttp.SendAsync(bare.Url, $"GET /?token={Secret}\nHost: localhost\nConnection: close\n\n");

        var refused = await bare.LogAsync("Microsoft.AspNetCore.Server.Kestrel.BadRequests");
        Assert.Equal(!isSilenced, refused.Contains(Secret, StringComparison.Ordinal));
    }

    /// <summary>A renamed category would no longer be silenced. Kestrel's are constants; the others are names of types.</summary>
    [Fact]
    public void FrameworkHasEverySilencedCategory()
    {
        var types = new[] { typeof(CorsService), typeof(HttpConnectionDispatcherOptions), typeof(Hub) }
            .SelectMany(type => type.Assembly.GetTypes())
            .Select(type => type.FullName!.Split('`')[0])
            .ToHashSet();
        var kestrel = Encoding.Unicode.GetString(File.ReadAllBytes(typeof(KestrelServerOptions).Assembly.Location));
        var shifted = Encoding.Unicode.GetString(File.ReadAllBytes(typeof(KestrelServerOptions).Assembly.Location).AsSpan(1));

        Assert.All(SensitiveLogFilter.Categories, category => Assert.True(
            types.Contains(category)
            || kestrel.Contains(category, StringComparison.Ordinal)
            || shifted.Contains(category, StringComparison.Ordinal),
            category));
    }
}
