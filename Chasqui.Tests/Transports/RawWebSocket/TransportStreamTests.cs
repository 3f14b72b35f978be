using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text;
using Chasqui.Server.Transports.RawWebSocket;
using Chasqui.Server.Transports.Connections;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.Connections;

namespace Chasqui.Tests.Transports.RawWebSocket;

public sealed class TransportStreamTests
{
    private static readonly PipeOptions ThreeBytes = new(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 3, resumeWriterThreshold: 1);

    private readonly Pipe _fromClient = new();
    private readonly Pipe _toClient = new(ThreeBytes);
    private readonly DefaultConnectionContext _connection;
    private readonly TransportStream _stream;

    public TransportStreamTests()
    {
        _connection = new DefaultConnectionContext("one", new DuplexPipe(_fromClient.Reader, _toClient.Writer), application: null!);
        _stream = new TransportStream(_connection);
    }

    [Fact]
    public async Task WritesThatComeWhileTheClientIsBehindFollowInOrder()
    {
        Task[] writes = [.. new[] { "abc", "d", "e" }.Select(piece => _stream.WriteAsync(Encoding.UTF8.GetBytes(piece)).AsTask())];
        Assert.All(writes, write => Assert.False(write.IsCompleted));

        var received = "";
        while (received.Length < 5)
        {
            var read = await _toClient.Reader.ReadAsync();
            received += Encoding.UTF8.GetString(read.Buffer);
            _toClient.Reader.AdvanceTo(read.Buffer.End);
        }

        await Task.WhenAll(writes);
        Assert.Equal("abcde", received);
    }

    [Fact]
    public async Task DisconnectedClientsDoNotBlockWriter()
    {
        var writing = _stream.WriteAsync("abc"u8.ToArray());

        await _toClient.Reader.CompleteAsync();

        await writing;
        await _stream.WriteAsync("def"u8.ToArray());
    }

    [Fact]
    public async Task ZeroByteReadWaitsForBytesAndTakesNone()
    {
        var waiting = _stream.ReadAsync(Memory<byte>.Empty).AsTask();
        Assert.False(waiting.IsCompleted);

        await _fromClient.Writer.WriteAsync("ab"u8.ToArray());

        Assert.Equal(0, await waiting);
        Assert.Equal("a", await ReadAsync(1));
        Assert.Equal("b", await ReadAsync(2));
    }

    [Fact]
    public async Task EndOfStreamIsReadAsZeroBytes()
    {
        await _fromClient.Writer.CompleteAsync();

        Assert.Equal("", await ReadAsync(1));
    }

    [Fact]
    public async Task AnAbortedWebSocketTakesTheConnectionWithIt()
    {
        var closed = new TaskCompletionSource();
        using var _ = _connection.ConnectionClosed.Register(closed.SetResult);

        Own().Abort();

        await closed.Task.WaitAsync(RawClient.Deadline);
    }

    private WebSocket Own() =>
        _stream.Owner = WebSocket.CreateFromStream(_stream, new WebSocketCreationOptions { IsServer = true });

    private async Task<string> ReadAsync(int room)
    {
        var buffer = new byte[room];
        return Encoding.UTF8.GetString(buffer, 0, await _stream.ReadAsync(buffer));
    }
}
