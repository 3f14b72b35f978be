namespace Chasqui.Server.Hosting;

/// <summary>Done.</summary>
internal sealed record Succeeded
{
    /// <summary>Always <c>success</c>.</summary>
    public string Status { get; } = "success";
}
