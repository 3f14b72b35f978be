using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Chasqui.Tests.FrameworkWorkarounds;

/// <summary>A web application without Chasqui, on a free port, with its log: it shows what the framework does.</summary>
internal sealed class BareApp : ILoggerProvider, IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Category, string Text)> _log = [];

    public BareApp(params string[] args)
    {
        // A folder without the appsettings.json of Chasqui, which has log levels.
        Builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = Path.GetTempPath() });
        Builder.WebHost.UseUrls("http://127.0.0.1:0");
        Builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(this);
    }

    public WebApplicationBuilder Builder { get; }

    public WebApplication App { get; private set; } = null!;

    public Uri Url => new(App.Urls.Single());

    public async Task<HttpClient> StartAsync(Action<WebApplication> configure)
    {
        App = Builder.Build();
        configure(App);
        await App.StartAsync();
        return new HttpClient { BaseAddress = Url };
    }

    /// <summary>The log of one category, or all of it. Stops the application first, so that the log is complete.</summary>
    public async Task<string> LogAsync(string category = "")
    {
        await App.StopAsync();
        var entries = _log.Where(entry => entry.Category.StartsWith(category, StringComparison.Ordinal));
        return string.Join('\n', entries.Select(entry => entry.Text));
    }

    ILogger ILoggerProvider.CreateLogger(string categoryName) => new Logger(categoryName, _log);

    void IDisposable.Dispose()
    {
    }

    public ValueTask DisposeAsync() => App?.DisposeAsync() ?? ValueTask.CompletedTask;

    private sealed class Logger(string category, ConcurrentQueue<(string Category, string Text)> log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Enqueue((category, $"{formatter(state, exception)} {exception}"));
    }
}
