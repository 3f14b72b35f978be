using Chasqui.Server.Configuration;

namespace Chasqui.Server.Cluster;

/// <summary>How servers of one database hear of each other.</summary>
internal sealed class BackplaneOptions : IValidatedOptions
{
    public static string Section => "Backplane";

    /// <summary>
    /// The Redis that all servers of one PostgreSQL database share, as StackExchange.Redis has it: <c>host:6379,password=…</c>.
    /// Without one they hear of each other's messages every two seconds, from the database.
    /// </summary>
    public string? Redis { get; set; }

    /// <summary>What the name of the channel in Redis begins with: another one for each chat that shares the Redis.</summary>
    public string Prefix { get; set; } = "chasqui";

    public IEnumerable<string> Problems() => new[]
    {
        Redis is not null && string.IsNullOrWhiteSpace(Redis) ? $"{Section}:{nameof(Redis)} must say where the Redis is" : null,
        Redis?.Contains("://", StringComparison.Ordinal) == true
            ? $"{Section}:{nameof(Redis)} must be host:port and options after commas (password=…, ssl=true), not an address with ://"
            : null,
        string.IsNullOrWhiteSpace(Prefix) ? $"{Section}:{nameof(Prefix)} must not be empty" : null,
    }.OfType<string>();
}
