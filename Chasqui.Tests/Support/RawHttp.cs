using System.Net.Sockets;
using System.Text;

namespace Chasqui.Tests.Support;

/// <summary>HTTP by hand, for what <see cref="HttpClient"/> would not send.</summary>
public static class RawHttp
{
    /// <summary>Sends text as it stands there, and gives everything that the server answers until it closes.</summary>
    public static Task<HttpResponseMessage> SendAsync(TestServer server, string request) => SendAsync(new Uri(server.Url), request);

    /// <inheritdoc cref="SendAsync(TestServer, string)"/>
    public static async Task<HttpResponseMessage> SendAsync(Uri uri, string request)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        using var client = new TcpClient();
        await client.ConnectAsync(uri.Host, uri.Port, deadline.Token);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request.ReplaceLineEndings("\r\n")), deadline.Token);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var answer = await reader.ReadToEndAsync(deadline.Token);

        var head = answer[..answer.IndexOf("\r\n\r\n", StringComparison.Ordinal)];
        var lines = head.Split("\r\n");
        var body = answer[(head.Length + 4)..];
        var response = new HttpResponseMessage((System.Net.HttpStatusCode)int.Parse(
            lines[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));
        var isChunked = head.Contains("chunked", StringComparison.OrdinalIgnoreCase);
        response.Content = new StringContent(isChunked ? string.Concat(body.Split("\r\n").Where((_, i) => i % 2 == 1)) : body);
        response.Content.Headers.Remove("Content-Type");
        foreach (var header in lines.Skip(1).Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries)))
        {
            if (!response.Headers.TryAddWithoutValidation(header[0], header[1]))
            {
                response.Content.Headers.TryAddWithoutValidation(header[0], header[1]);
            }
        }

        return response;
    }
}
