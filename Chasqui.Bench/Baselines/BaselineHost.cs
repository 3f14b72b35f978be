using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Chasqui.Bench.Baselines;

internal static class BaselineHost
{
    /// <summary>The framework as its templates set it up, and quiet.</summary>
    public static WebApplicationBuilder Create(string url)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls(url);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        return builder;
    }
}
