using System.Net;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Authorization;

public sealed class HandshakeMatrixTests(TestServer server) : IClassFixture<TestServer>
{
    private const string SignalRHandshake = """{"protocol":"json","version":1}""" + "\u001e";

    public static TheoryData<string, string, Caller, string> Handshakes => MatrixTable.Cells(Matrix.Handshakes);

    [Theory]
    [MemberData(nameof(Handshakes))]
    public async Task AHandshakeAnswersEachCallerAsTheTableSays(string call, string place, Caller caller, string answer)
    {
        using var stage = await Stage.SetAsync(server, caller);
        var path = await stage.FillAsync(call.Split(' ')[1]);
        var header = place.Length > 0 && stage.Token() is { } token ? "Bearer " + token : null;
        if (answer == "4401")
        {
            await using var socket = await OpenAsync(path, header);
            await stage.HappenAsync();
            Assert.Equal(4401, await socket.ReceiveCloseAsync());
            return;
        }

        await stage.HappenAsync();
        using var response = await UpgradeAsync(path, header);
        if (answer == "401")
        {
            await response.ReadProblemAsync(401, ErrorCodes.Unauthorized);
        }
        else
        {
            Assert.Equal(HttpStatusCode.SwitchingProtocols, response.StatusCode);
        }
    }

    /// <summary>A handshake as it stands in RFC 6455, to see the answer's body.</summary>
    private async Task<HttpResponseMessage> UpgradeAsync(string path, string? authorization)
    {
        using var http = server.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Opens a socket, and waits until the server serves it.</summary>
    private async Task<RawClient> OpenAsync(string path, string? authorization)
    {
        var client = new RawClient();
        if (authorization is not null)
        {
            client.Socket.Options.SetRequestHeader("Authorization", authorization);
        }

        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        await client.Socket.ConnectAsync(new Uri(server.WebSocketUrl + path), deadline.Token);
        if (path.StartsWith("/hubs", StringComparison.Ordinal))
        {
            await client.SendTextAsync(SignalRHandshake);
            Assert.Equal("{}\u001e", await client.ReceiveTextAsync());
        }
        else
        {
            await client.PingAsync();
        }

        return client;
    }
}
