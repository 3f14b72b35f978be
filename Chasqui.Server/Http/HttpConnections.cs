namespace Chasqui.Server.Http;

internal static class HttpConnections
{
    /// <summary>Closes a connection of HTTP/1.1 after its answer: the next request would cost as much.</summary>
    public static void CloseAfterAnswer(this HttpContext http)
    {
        if (HttpProtocol.IsHttp11(http.Request.Protocol))
        {
            http.Response.Headers.Connection = "close";
        }
    }
}
