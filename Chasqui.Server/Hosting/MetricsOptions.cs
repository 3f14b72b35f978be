using System.ComponentModel.DataAnnotations;
using Chasqui.Server.Configuration;

namespace Chasqui.Server.Hosting;

/// <summary>Who can read how the server is doing.</summary>
internal sealed class MetricsOptions : IOptionsSection, IValidatableObject
{
    public static string Section => "Metrics";

    /// <summary>
    /// Where Prometheus finds <c>/metrics</c>: an address of its own, such as <c>http://127.0.0.1:9464</c>, that whoever talks to the
    /// server does not reach. Without one nothing is measured for it.
    /// </summary>
    public string? Url { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Url is null || (ListenAddresses.IsAddress(Url) && Url.StartsWith("http:", StringComparison.Ordinal))
            ? []
            : [new ValidationResult($"{Section}:{nameof(Url)} must be one address such as 'http://127.0.0.1:9464'")];
}
