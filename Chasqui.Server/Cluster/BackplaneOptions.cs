using System.ComponentModel.DataAnnotations;
using Chasqui.Server.Configuration;

namespace Chasqui.Server.Cluster;

/// <summary>How servers of one database hear of each other.</summary>
internal sealed class BackplaneOptions : IOptionsSection, IValidatableObject
{
    public static string Section => "Backplane";

    /// <summary>
    /// The Redis that all servers of one PostgreSQL database share, as StackExchange.Redis has it: <c>host:6379,password=…</c>.
    /// Without one they hear of each other's messages every two seconds, from the database.
    /// </summary>
    public string? Redis { get; set; }

    /// <summary>What the name of the channel in Redis begins with: another one for each chat that shares the Redis.</summary>
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
