namespace Chasqui.Server.FrameworkWorkarounds;

/// <summary>The end of a connection that outlives the request that opened it.</summary>
internal interface IConnectionOverFeature
{
    /// <returns><see langword="false"/> when the request opened no connection.</returns>
    bool TryWhenOver(Action action);
}

internal static class ConnectionOver
{
    /// <summary>Runs an action at the end of the connection that the request opened, or at once if it opened none.</summary>
    public static void WhenOver(HttpContext http, Action action)
    {
        if (http.Features.Get<IConnectionOverFeature>()?.TryWhenOver(action) != true)
        {
            action();
        }
    }
}
