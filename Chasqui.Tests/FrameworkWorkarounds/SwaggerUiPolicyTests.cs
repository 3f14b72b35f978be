using Chasqui.Server.FrameworkWorkarounds;
using Microsoft.AspNetCore.Builder;
using NSwag.AspNetCore;

namespace Chasqui.Tests.FrameworkWorkarounds;

public sealed class SwaggerUiPolicyTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PageHoldsTheForwardedPrefixUnlessItIsIgnored(bool isIgnored)
    {
        await using var bare = new BareApp();
        using var http = await bare.StartAsync(app => app.UseSwaggerUi(settings =>
        {
            settings.SwaggerRoutes.Add(new SwaggerUiRoute("Test", "/openapi.json"));
            if (isIgnored)
            {
                SwaggerUiPolicy.IgnoreForwardedPrefix(settings);
            }
        }));
        http.DefaultRequestHeaders.Add("X-Forwarded-Prefix", "/f0rwarded");

        var page = await http.GetStringAsync("/swagger/index.html");

        Assert.Equal(!isIgnored, page.Contains("f0rwarded", StringComparison.Ordinal));
    }

    [Fact]
    public async Task InlineScriptAndStyleAreAllowedByTheirHashes()
    {
        await using var bare = new BareApp();
        using var http = await bare.StartAsync(app =>
        {
            app.UseWhen(context => context.Request.Path == "/swagger/index.html", page => page.Use(SwaggerUiPolicy.SetAsync));
            app.UseSwaggerUi(settings =>
            {
                settings.SwaggerRoutes.Add(new SwaggerUiRoute("Test", "/openapi.json"));
                settings.CustomInlineStyles = "p { color: red }";
            });
        });

        using var answer = await http.GetAsync("/swagger/index.html");
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();

        Assert.Matches(@"script-src 'self'( 'sha256-[^']{44}')+;", policy);
        Assert.Matches(@"style-src 'self'( 'sha256-[^']{44}'){2,};", policy);
    }
}
