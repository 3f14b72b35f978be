namespace Chasqui.Server.FrameworkWorkarounds;

/// <summary>
/// Silences the framework's logs that quote what clients sent, below a warning and at every configured level
/// (https://github.com/aspnet/SignalR/issues/2526). Kestrel quotes requests that it cannot read, with their tokens; SignalR the
/// token of each connection that ends, and every message; CORS the origin.
/// </summary>
internal static class SensitiveLogFilter
{
    public static readonly string[] Categories =
    [
        "Microsoft.AspNetCore.Server.Kestrel.BadRequests",
        "Microsoft.AspNetCore.Server.Kestrel.Http2",
        "Microsoft.AspNetCore.Server.Kestrel.Http3",
        "Microsoft.AspNetCore.Cors.Infrastructure.CorsService",
        "Microsoft.AspNetCore.Http.Connections.Internal.HttpConnectionManager",
        "Microsoft.AspNetCore.SignalR.Internal.DefaultHubDispatcher",
    ];

    /// <summary>
    /// Adds the filter to every rule, and to a new rule for what matches none. Only one rule applies to a log: a rule of the
    /// configuration could take precedence over one of ours.
    /// </summary>
    public static void Silence(LoggerFilterOptions logging)
    {
        LoggerFilterRule[] rules = [new(null, null, logging.MinLevel, null), .. logging.Rules];
        logging.Rules.Clear();
        foreach (var rule in rules)
        {
            bool Filter(string? provider, string? category, LogLevel level) =>
                (level >= LogLevel.Warning || !Categories.Contains(category))
                && rule.Filter?.Invoke(provider, category, level) != false;
            logging.Rules.Add(new LoggerFilterRule(rule.ProviderName, rule.CategoryName, rule.LogLevel, Filter));
        }
    }
}
