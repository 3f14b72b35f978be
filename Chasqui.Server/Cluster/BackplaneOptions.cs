using Chasqui.Server.Configuration;

namespace Chasqui.Server.Cluster;

/// <summary>How servers that share a database tell each other what is new.</summary>
internal sealed class BackplaneOptions : IOptionsSection, IValidatableObject
{
    public static string Section => "Backplane";

    /// <summary>
    /// The Redis that all servers of one PostgreSQL database share, in the format of StackExchange.Redis:
    /// <c>host:6379,password=…</c>. Without it, each server reads the messages of the others from the database every two seconds.
    /// </summary>
    public string? Redis { get; set; }

    /// <summary>The beginning of the names of the Redis channels. Each chat that uses the same Redis needs its own.</summary>
    [Required(ErrorMessage = "{0} must not be empty")]
    public string Prefix { get; set; } = "chasqui";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Redis is not null && (string.IsNullOrWhiteSpace(Redis) || Redis.Contains("://", StringComparison.Ordinal)))
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(Redis)} must be host:port and options after commas (password=…, ssl=true), without ://");
        }
    }
}
