using System.Net.Sockets;
using System.Text;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Messages;

/// <summary>A page of history that is read slowly, while its reader loses the right to it.</summary>
[FullTier]
public sealed class RunningPageTests : IAsyncLifetime
{
    private const int Page = 200;

    private readonly TestServer _server = new();

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PageBreaksOffWhenItsReaderMayReadNoMore(bool isRemoved)
    {
        using var owner = await _server.PersonAsync();
        using var reader = await _server.PersonAsync();
        var room = await owner.OpenGroupAsync(reader);
        await FillAsync(owner, room);
        using var running = await AskAsync(reader, room);

        await (isRemoved
            ? owner.Http.DeleteAsync($"/api/conversations/{room}/participants/{reader.Id}")
            : reader.Http.PostAsync("/api/logout", null));
        await owner.SendAsync(room, "You are gone, so listen");

        var answer = await ReadToEndAsync(running);
        Assert.DoesNotContain("so listen", answer, StringComparison.Ordinal);
        Assert.False(answer.TrimEnd().EndsWith(']') || answer.EndsWith("0\r\n\r\n", StringComparison.Ordinal), "It looks whole");
    }

    [Fact]
    public async Task PageHoldsNothingThatWasSaidLater()
    {
        using var owner = await _server.PersonAsync();
        var room = await owner.OpenGroupAsync();
        await FillAsync(owner, room, Page - 10);
        using var running = await AskAsync(owner, room);

        await owner.SendAsync(room, "Later");

        var answer = await ReadToEndAsync(running);
        Assert.DoesNotContain("Later", answer, StringComparison.Ordinal);
        Assert.EndsWith("0\r\n\r\n", answer, StringComparison.Ordinal);
    }

    private static async Task FillAsync(Person person, string room, int count = Page)
    {
        await using var socket = await person.ConnectAsync();
        for (var i = 0; i < count; i++)
        {
            // As it is: with escapes it would be longer than a frame may be.
            await socket.SendTextAsync($$"""{"type":"message","conversation_id":"{{room}}","content":"{{string.Concat(Enumerable.Repeat("\U0001F600", 9_000))}}","request_id":"r"}""");
            await socket.ReceiveAsync("Ack");
        }
    }

    /// <summary>Asks for a long page, and returns when the answer begins; nothing more of it is read.</summary>
    private static async Task<TcpClient> AskAsync(Person person, string room)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        var server = new Uri(person.Server.Url);
        var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(server.Host, server.Port, deadline.Token);
        var request = $"GET /api/conversations/{room}/messages?limit={Page}&after=0 HTTP/1.1\r\nHost: {server.Authority}\r\n"
            + $"Authorization: Bearer {person.Token}\r\nConnection: close\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), deadline.Token);
        await client.GetStream().ReadExactlyAsync(new byte[12], deadline.Token);
        return client;
    }

    private static async Task<string> ReadToEndAsync(TcpClient client)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        var all = new MemoryStream();
        try
        {
            await client.GetStream().CopyToAsync(all, deadline.Token);
        }
        catch (IOException)
        {
            // A reset.
        }

        return Encoding.UTF8.GetString(all.ToArray());
    }
}
