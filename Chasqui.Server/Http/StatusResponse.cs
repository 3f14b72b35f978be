namespace Chasqui.Server.Http;

/// <summary>Done.</summary>
internal sealed record StatusResponse
{
    /// <summary>Always <c>success</c>.</summary>
    public string Status { get; } = "success";
}
