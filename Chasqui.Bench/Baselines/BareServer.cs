using System.Collections.Immutable;
using System.Net.WebSockets;
using System.Text.Json;
using Chasqui.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Chasqui.Bench.Baselines;

/// <summary>
/// What a WebSocket room costs on Kestrel when there is nothing else: parse, serialise once, send to all. No accounts, no
/// storage, no hub. A second endpoint answers with bytes that it was given, to compare with history.
/// </summary>
internal static class BareServer
{
    private static ImmutableDictionary<string, BareRoom> _rooms = ImmutableDictionary<string, BareRoom>.Empty;
    private static byte[] _page = [];

    public static WebApplication Build(string url)
    {
        var app = BaselineHost.Create(url).Build();
        app.UseWebSockets();
        app.MapGet("/ws/{room}", async (HttpContext http, string room) =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            await ServeAsync(socket, ImmutableInterlocked.GetOrAdd(ref _rooms, room, _ => new BareRoom()));
        });
        app.MapPut("/page", async (HttpContext http) =>
        {
            using var page = new MemoryStream();
            await http.Request.Body.CopyToAsync(page, http.RequestAborted);
            _page = page.ToArray();
        });
        app.MapGet("/page", () => Results.Bytes(_page, "application/json; charset=utf-8"));
        return app;
    }

    private static async Task ServeAsync(WebSocket socket, BareRoom room)
    {
        var member = new BareMember(socket);
        var id = "user:" + Guid.CreateVersion7();
        var buffer = new byte[1024];
        room.Join(member);
        try
        {
            while (await ReceiveAsync(socket, buffer) is var (frame, grown))
            {
                buffer = grown;
                if (JsonSerializer.Deserialize(frame.Span, BareJson.Default.BareFrame) is { } parsed)
                {
                    room.Say(id, parsed);
                }
            }
        }
        catch (WebSocketException)
        {
            // Gone without a goodbye.
        }
        finally
        {
            room.Leave(member);
        }
    }

    private static async ValueTask<(ReadOnlyMemory<byte> Frame, byte[] Buffer)?> ReceiveAsync(WebSocket socket, byte[] buffer)
    {
        var length = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close || length > ChatLimits.MaxFrameBytes)
            {
                return null;
            }

            length += received.Count;
            if (received.EndOfMessage)
            {
                return (buffer.AsMemory(0, length), buffer);
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * length);
            }
        }
    }
}
