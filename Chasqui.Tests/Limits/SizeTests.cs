using System.Net.Http.Headers;
using System.Text;
using Chasqui.Protocol;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.Http.Connections;

namespace Chasqui.Tests.Limits;

public sealed class SizeTests : IAsyncLifetime
{
    private const int MaxBody = 2_000;
    private const int MaxFrame = 3_000;
    private const int MaxFragments = 1024;

    private readonly TestServer _server = new();

    // Sizes are limited where rates are not.
    public async ValueTask InitializeAsync() => await _server.StartAsync(
        "--Limits:Enabled", "false", "--Limits:MaxBodyBytes", $"{MaxBody}", "--Limits:MaxFrameBytes", $"{MaxFrame}");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ABodyOverTheLimitIsRefusedWhetherOrNotItSaysItsLength(bool isChunked)
    {
        using var ana = await _server.PersonAsync();
        var messages = $"/api/conversations/{await ana.OpenGroupAsync()}/messages";

        // The framing of chunks counts too.
        await (await PostAsync(MaxBody - (isChunked ? 100 : 0))).ReadAsync(200);
        await (await PostAsync(MaxBody + 1)).ReadProblemAsync(413, ErrorCodes.PayloadTooLarge);

        async Task<HttpResponseMessage> PostAsync(int length)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, messages)
            {
                Content = new ByteArrayContent(Encoding.UTF8.GetBytes("""{"content":"hi"}""".PadRight(length))),
            };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.TransferEncodingChunked = isChunked;
            return await ana.Http.SendAsync(request);
        }
    }

    /// <summary>As Python and .NET send it: 12 bytes for each character.</summary>
    [Fact]
    public async Task LongestMessageInEscapedJsonPassesOnEveryTransport()
    {
        await using var server = new TestServer();
        await server.StartAsync();
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        var content = string.Concat(Enumerable.Repeat("👋", ChatLimits.MaxContentCharacters));
        var escaped = $"\"{string.Concat(Enumerable.Repeat(@"\ud83d\udc4b", ChatLimits.MaxContentCharacters))}\"";
        await using var raw = await ana.ConnectAsync();
        await raw.JoinAsync(group);
        await using var hub = await ana.ConnectToHubAsync();

        await raw.SendTextAsync($$"""{"type":"message","conversation_id":"{{group}}","content":{{escaped}}}""");
        Assert.Equal(content, (await raw.ReceiveAsync("NewMessage"))["message"]!.Text("content"));
        await hub.InvokeAsync("SendMessage", $$"""{"conversation_id":"{{group}}","content":{{escaped}}}""");
        Assert.Equal(content, (await raw.ReceiveAsync("NewMessage"))["message"]!.Text("content"));
        using var posted = await ana.Http.PostAsync($"/api/conversations/{group}/messages", Rest.Json($$"""{"content":{{escaped}}}"""));
        Assert.Equal(content, (await posted.ReadAsync(200)).Text("content"));
        using var longer = await ana.Http.PostAsync(
            $"/api/conversations/{group}/messages", Rest.Json("""{"content":"hi"}""".PadRight(ChatLimits.MaxFrameBytes + 1)));
        await longer.ReadProblemAsync(413, ErrorCodes.PayloadTooLarge);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ALargeBodyThatIsAllowedIsReadToItsEnd(bool isChunked)
    {
        await using var roomy = new TestServer();
        // More than Kestrel buffers of a body.
        await roomy.StartAsync("--Limits:MaxBodyBytes", "16777216");
        using var ana = await roomy.PersonAsync();
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/tasks")
        {
            Content = Rest.Json($$"""{"x":"{{new string('x', 8_000_000)}}","task_name":"x"}"""),
        };
        request.Headers.TransferEncodingChunked = isChunked;

        await (await ana.Http.SendAsync(request, deadline.Token)).ReadAsync(200);
    }

    [Fact]
    public async Task ABodyThatMayBeLeftOutHasTheSameLimit()
    {
        using var ana = await _server.PersonAsync();
        var task = await (await ana.PostAsync("/api/tasks", new { task_name = "x" })).ReadAsync(200);

        var body = Rest.Json("""{"completed":true}""".PadRight(MaxBody + 1));
        await (await ana.Http.PatchAsync($"/api/tasks/{task.Text("uuid")}", body)).ReadProblemAsync(413, ErrorCodes.PayloadTooLarge);
    }

    [Fact]
    public async Task WelcomeSaysHowLongAFrameMayBeAndALongerOneClosesWith1009()
    {
        using var ana = await _server.PersonAsync();
        await using var socket = await ana.ConnectAsync();
        await socket.SendAsync(new { type = "hello" });
        Assert.Equal(MaxFrame, (await socket.ReceiveAsync("Welcome"))["limits"]!["max_frame_bytes"]!.GetValue<int>());

        await socket.SendTextAsync("""{"type":"ping"}""".PadRight(MaxFrame));
        await socket.ReceiveAsync("Pong");
        await socket.SendTextAsync("""{"type":"ping"}""".PadRight(MaxFrame + 1));
        Assert.Equal(1009, await socket.ReceiveCloseAsync());
    }

    [Fact]
    public async Task AServerCanTakeLongerFramesThanTheContractPromises()
    {
        await _server.StopAsync();
        await _server.StartAsync("--Limits:MaxFrameBytes", "200000");
        using var ana = await _server.PersonAsync();
        await using var socket = await ana.ConnectAsync();

        await socket.SendTextAsync("""{"type":"ping"}""".PadRight(200_000));
        await socket.ReceiveAsync("Pong");
    }

    [Fact]
    public async Task AHubMessageOfTheLimitIsServedAndALongerOneEndsTheConnection()
    {
        using var ana = await _server.PersonAsync();
        await using var socket = await ana.ConnectToHubAsync();
        var leave = $$"""{"conversation_id":"{{Guid.CreateVersion7()}}"}""";

        await socket.InvokeAsync("Leave", leave.PadRight(MaxFrame - 100));
        Assert.Contains("\"result\"", await socket.ReceiveTextAsync(), StringComparison.Ordinal);
        await socket.InvokeAsync("Leave", leave.PadRight(MaxFrame));
        Assert.Contains("\"type\":7", await socket.ReceiveTextAsync(), StringComparison.Ordinal);
        await socket.ReceiveCloseAsync();
    }

    [Fact]
    public async Task LongPollingPostCanHoldSeveralInvocations()
    {
        using var ana = await _server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await HubClient.ConnectAsync(_server, ana.Token, HttpTransportType.LongPolling);

        // The first one is on its way while the others gather.
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => client.SendAsync(group, new string((char)('a' + i), 1_500))));
    }

    [Theory]
    [InlineData("/api/ws/chat?token=", MaxFragments + 2)]
    // Waiting without a buffer swallows an empty piece: the first one there, and every other one here.
    [InlineData("/hubs/chat?access_token=", 2 * (MaxFragments + 2))]
    public async Task TooManyFragmentsCloseWith1008(string transport, int pieces)
    {
        using var ana = await _server.PersonAsync();
        _server.SetHandshakeTimeout(TimeSpan.FromHours(1));
        await using var socket = await RawClient.ConnectAsync(new Uri(_server.WebSocketUrl + transport + ana.Token));

        // Without a byte in them, so that no limit on the length of a frame would end it.
        for (var i = 0; i < pieces; i++)
        {
            await socket.SendFragmentAsync([], endOfMessage: false);
        }

        Assert.Equal(1008, await socket.ReceiveCloseAsync());
    }

    [Fact]
    public async Task FragmentsAreCountedPerFrame()
    {
        using var ana = await _server.PersonAsync();
        await using var raw = await ana.ConnectAsync();
        await using var hub = await ana.ConnectToHubAsync();
        var leave = $$"""{"type":1,"invocationId":"1","target":"Leave","arguments":[{"conversation_id":"{{Guid.CreateVersion7()}}"}]}""".PadRight(MaxFragments / 2);
        for (var i = 0; i < 3; i++)
        {
            await SendInPiecesAsync(raw, """{"type":"ping"}""".PadRight(MaxFragments / 2));
            await raw.ReceiveAsync("Pong");
            await SendInPiecesAsync(hub, leave + HubSocket.RecordSeparator);
            Assert.Contains("\"result\"", await hub.ReceiveTextAsync(), StringComparison.Ordinal);
        }

        static async Task SendInPiecesAsync(RawClient socket, string text)
        {
            foreach (var piece in Encoding.UTF8.GetBytes(text).Chunk(1))
            {
                await socket.SendFragmentAsync(piece, endOfMessage: false);
            }

            await socket.SendFragmentAsync([], endOfMessage: true);
        }
    }
}
