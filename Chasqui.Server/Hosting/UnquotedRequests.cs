namespace Chasqui.Server.Hosting;

/// <summary>
/// Kestrel quotes requests that it cannot read, with the tokens in them, where its own log is at Information or below; and in
/// its logs of HTTP/2 and HTTP/3. What it says without quoting goes to other categories and stays.
/// </summary>
internal static class UnquotedRequests
{
    private static readonly string[] Categories =
    [
        "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Server.Kestrel.Http2", "Microsoft.AspNetCore.Server.Kestrel.Http3",
    ];

    /// <summary>
    /// A filter on each rule there is, and on a rule for where there is none: of a configuration's rules the logger obeys
    /// one, and a rule of our own could always be outdone by another.
    /// </summary>
    public static void Configure(LoggerFilterOptions logging)
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
