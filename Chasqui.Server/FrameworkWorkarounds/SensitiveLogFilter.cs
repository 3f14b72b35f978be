namespace Chasqui.Server.FrameworkWorkarounds;

/// <summary>
/// The framework's logs that quote what clients sent: Kestrel the requests that it cannot read, tokens and all, SignalR the token
/// of each connection that ends, and every message that is said, CORS the origin. Below a warning they are silent, whatever the
/// levels.
/// </summary>
internal static class SensitiveLogFilter
{
    private static readonly string[] Categories =
    [
        "Microsoft.AspNetCore.Server.Kestrel.BadRequests",
        "Microsoft.AspNetCore.Server.Kestrel.Http2",
        "Microsoft.AspNetCore.Server.Kestrel.Http3",
        "Microsoft.AspNetCore.Cors.Infrastructure.CorsService",
        "Microsoft.AspNetCore.Http.Connections.Internal.HttpConnectionManager",
        "Microsoft.AspNetCore.SignalR.Internal.DefaultHubDispatcher",
    ];

    /// <summary>
    /// A filter on each rule there is, and on a rule for where there is none: a log obeys one rule, and one of our own could
    /// always be outdone by another of the configuration.
    /// </summary>
    public static void Silence(LoggerFilterOptions logging)
    {
        LoggerFilterRule[] rules = [new(null, null, logging.MinLevel, null), .. logging.Rules];
        logging.Rules.Clear();
        foreach (var rule in rules)
        {
            logging.Rules.Add(new LoggerFilterRule(rule.ProviderName, rule.CategoryName, rule.LogLevel, (provider, category, level) =>
                (level >= LogLevel.Warning || !Categories.Contains(category)) && rule.Filter?.Invoke(provider, category, level) != false));
        }
    }
}
