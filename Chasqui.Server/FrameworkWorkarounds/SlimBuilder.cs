using Microsoft.Extensions.Logging.Console;

namespace Chasqui.Server.FrameworkWorkarounds;

/// <summary>
/// Defaults of <see cref="WebApplication.CreateSlimBuilder(WebApplicationOptions)"/> that no public option changes.
/// </summary>
internal static class SlimBuilder
{
    /// <summary>
    /// Lets <c>Logging:Console:FormatterName</c> choose the format of the console. The slim builder calls
    /// <c>AddSimpleConsole</c>, which sets the name after the configuration was read
    /// (https://github.com/dotnet/aspnetcore/pull/47797).
    /// </summary>
    public static void HonourConsoleFormatter(this WebApplicationBuilder builder) =>
        builder.Services.PostConfigure<ConsoleLoggerOptions>(console =>
            console.FormatterName = builder.Configuration["Logging:Console:FormatterName"] ?? console.FormatterName);

    /// <summary>
    /// Switches <c>ASPNETCORE_FORWARDEDHEADERS_ENABLED</c> off: with it the framework believes the forwarded headers of every
    /// caller.
    /// </summary>
    public static void IgnoreForwardedHeaders(this WebApplicationBuilder builder) =>
        builder.Configuration.AddInMemoryCollection([new("ForwardedHeaders_Enabled", "false")]);

    /// <summary>
    /// The host logs each exception that it throws, with its stack trace; <c>Program</c> prints a sentence instead.
    /// </summary>
    public static void SilenceHost(this WebApplicationBuilder builder) =>
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
}
