namespace Chasqui.Server.Http;

/// <summary>Logs each refused origin at most once a minute: a browser that may not connect tries again for ever.</summary>
internal sealed partial class RefusedOrigins(TimeProvider clock, ILogger<RefusedOrigins> logger)
{
    /// <summary>Clients can send any origin: at most so many are remembered and logged a minute.</summary>
    private const int MaxOrigins = 100;

    private const int MaxLoggedCharacters = 200;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _loggedAt = [];

    public void Log(string origin, string? host)
    {
        // Programs can send any text there, such as a token by mistake, which the log must not hold.
        if (CorsOptions.IsOrigin(origin) && IsDue(Shorten(origin)))
        {
            Refused(logger, Shorten(origin), Shorten(host ?? ""));
        }
    }

    private bool IsDue(string origin)
    {
        lock (_gate)
        {
            if (_loggedAt.TryGetValue(origin, out var at) && clock.GetElapsedTime(at) < Interval)
            {
                return false;
            }

            if (_loggedAt.Count >= MaxOrigins)
            {
                foreach (var (old, loggedAt) in _loggedAt)
                {
                    if (clock.GetElapsedTime(loggedAt) >= Interval)
                    {
                        _loggedAt.Remove(old);
                    }
                }
            }

            if (_loggedAt.Count >= MaxOrigins)
            {
                return false;
            }

            _loggedAt[origin] = clock.GetTimestamp();
            return true;
        }
    }

    private static string Shorten(string text) =>
        text.Length > MaxLoggedCharacters ? text[..MaxLoggedCharacters] + "…" : text;

    [LoggerMessage(1, LogLevel.Warning, "Pages of {Origin} may not use this server (Host: {Host}). To let them, put this origin into "
        + "Cors:AllowedOrigins. If it is the page of this server behind a proxy, let the proxy pass on the header Host")]
    private static partial void Refused(ILogger logger, string origin, string host);
}
