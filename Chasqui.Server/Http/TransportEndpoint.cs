namespace Chasqui.Server.Http;

/// <summary>
/// Marks an endpoint that opens a socket. Browsers send no header with a handshake, so the token is in the query.
/// </summary>
/// <param name="TokenParameter">The query parameter that holds the token.</param>
/// <param name="NameParameter">The one that names the connection, where a connection takes more than one request.</param>
internal sealed record TransportEndpoint(string TokenParameter, string? NameParameter = null)
{
    /// <summary>Whether the request stays for as long as its connection. Negotiation and the POSTs of long polling do not.</summary>
    public static bool OpensConnection(HttpContext http) =>
        Of(http) is not null && (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsConnect(http.Request.Method));

    public static TransportEndpoint? Of(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<TransportEndpoint>();
}
