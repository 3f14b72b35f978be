using Chasqui.Server.FrameworkWorkarounds;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Chasqui.Tests.FrameworkWorkarounds;

public sealed class SlimBuilderTests
{
    [Theory]
    [InlineData(false, "simple")]
    [InlineData(true, "json")]
    public async Task ConsoleFormatterOfTheSettingsIsIgnoredUnlessItIsHonoured(bool isHonoured, string name)
    {
        var builder = WebApplication.CreateSlimBuilder(["--Logging:Console:FormatterName", "json"]);
        if (isHonoured)
        {
            builder.HonourConsoleFormatter();
        }

        await using var app = builder.Build();

        Assert.Equal(name, app.Services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName);
    }

    [Theory]
    [InlineData(false, "192.0.2.7")]
    [InlineData(true, "127.0.0.1")]
    public async Task ForwardedHeadersOfAnyCallerAreBelievedUnlessTheyAreIgnored(bool areIgnored, string address)
    {
        await using var bare = new BareApp("--ForwardedHeaders_Enabled", "true");
        if (areIgnored)
        {
            bare.Builder.IgnoreForwardedHeaders();
        }

        using var http = await bare.StartAsync(app =>
            app.Run(context => context.Response.WriteAsync(context.Connection.RemoteIpAddress!.ToString())));
        http.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.7");

        Assert.Equal(address, await http.GetStringAsync("/"));
    }
}
