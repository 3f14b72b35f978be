using Chasqui.Server.Configuration;

namespace Chasqui.Server.Hosting;

/// <summary>Where the server serves its metrics.</summary>
internal sealed class MetricsOptions : IOptionsSection, IValidatableObject
{
    public static string Section => "Metrics";

    /// <summary>
    /// Where Prometheus finds <c>/metrics</c>: a separate address, such as <c>http://127.0.0.1:9464</c>, that clients do not
    /// reach. Without it the server serves no metrics.
    /// </summary>
    public string? Url { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Url is null || (ListenAddresses.IsAddress(Url) && Url.StartsWith("http:", StringComparison.Ordinal))
            ? []
            : [new ValidationResult($"{Section}:{nameof(Url)} must be one address such as 'http://127.0.0.1:9464'")];
}
