using Chasqui.Server.Configuration;

namespace Chasqui.Server.Cluster;

/// <summary>How servers that share a database tell each other what is new.</summary>
internal sealed class BackplaneOptions : IValidatedOptions
{
    public static string Section => "Backplane";

    /// <summary>
    /// The Redis that all servers of one PostgreSQL database share, in the format of StackExchange.Redis:
    /// <c>host:6379,password=…</c>. Without it, each server reads the messages of the others from the database every two seconds.
    /// </summary>
    public string? Redis { get; set; }

    /// <summary>The beginning of the name of the Redis channel. Each chat that uses the same Redis needs its own.</summary>
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
