namespace Chasqui.Tests.Support;

/// <summary>A WebSocket handshake as it stands in RFC 6455, to see what it is answered with.</summary>
public static class Handshake
{
    public static async Task<HttpResponseMessage> SendAsync(TestServer server, string path, params (string Name, string Value)[] headers)
    {
        using var http = server.Anonymous();
        return await SendAsync(http, path, headers);
    }

    /// <inheritdoc cref="SendAsync(TestServer, string, ValueTuple{string, string}[])"/>
    public static async Task<HttpResponseMessage> SendAsync(HttpClient http, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        // Read before the client is gone, unless it has become a socket.
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (response.StatusCode != System.Net.HttpStatusCode.SwitchingProtocols)
        {
            await response.Content.LoadIntoBufferAsync();
        }

        return response;
    }
}
