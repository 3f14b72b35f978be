namespace Chasqui.Server.FrameworkWorkarounds;

internal static class StopOrder
{
    /// <summary>
    /// Runs <paramref name="action"/> when the application stops, before SignalR closes its connections
    /// (https://github.com/dotnet/aspnetcore/issues/25069). SignalR closes them in a callback of <c>ApplicationStopping</c>.
    /// Callbacks run in reverse order of their registration, so this one is registered after SignalR's, when the application has
    /// started. It blocks: SignalR's callback begins when this one returns.
    /// </summary>
    /// <param name="lifetime">The application's.</param>
    /// <param name="action">What to run.</param>
    /// <param name="timeout">How long it may take.</param>
    public static void BeforeSignalR(IHostApplicationLifetime lifetime, Func<Task> action, TimeSpan timeout) =>
#pragma warning disable VSTHRD002 // A callback cannot be awaited, and this thread does nothing else.
        lifetime.ApplicationStarted.Register(() => lifetime.ApplicationStopping.Register(
            () => Task.Run(action, CancellationToken.None).Wait(timeout, CancellationToken.None)));
#pragma warning restore VSTHRD002
}
