namespace Chasqui.Server.Http;

/// <summary>Marks an endpoint that opens a socket; browsers can send it no header, so it takes its token from the query.</summary>
/// <param name="TokenParameter">The query parameter that holds the token.</param>
/// <param name="NameParameter">The one that names the connection, where a connection takes more than one request.</param>
internal sealed record TransportEndpoint(string TokenParameter, string? NameParameter = null)
{
    /// <summary>The door that a request has come to, or <see langword="null"/> when it is for none.</summary>
    public static TransportEndpoint? Of(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<TransportEndpoint>();
}
