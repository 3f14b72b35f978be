namespace Chasqui.Server.FrameworkWorkarounds;

/// <summary>The end of a connection that outlives the request by which it was opened.</summary>
internal interface IConnectionOverFeature
{
    /// <summary>Does something when the connection is over.</summary>
    /// <returns><see langword="false"/> when the request has opened none.</returns>
    bool TryWhenOver(Action action);
}

internal static class ConnectionOver
{
    /// <summary>
    /// Does something when the connection that the request has opened is over; where it has opened none, at once.
    /// </summary>
    public static void WhenOver(HttpContext http, Action action)
    {
        if (http.Features.Get<IConnectionOverFeature>()?.TryWhenOver(action) != true)
        {
            action();
        }
    }
}
