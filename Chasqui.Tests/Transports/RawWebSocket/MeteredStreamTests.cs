using System.Text;
using Chasqui.Server.Transports.Connections;

namespace Chasqui.Tests.Transports.RawWebSocket;

public sealed class MeteredStreamTests
{
    private readonly Recorder _written = new();
    private readonly MeteredStream _stream;

    public MeteredStreamTests() => _stream = new MeteredStream(_written);

    [Fact]
    public async Task WritesPassThrough()
    {
        await WriteAsync("a", "b");

        Assert.Equal(["a", "b"], _written.Writes);
    }

    [Fact]
    public async Task HeldBytesAreSentWithTheLast()
    {
        _stream.Corked = true;
        await WriteAsync("a", "b");
        Assert.Empty(_written.Writes);

        _stream.Corked = false;
        await WriteAsync("c", "d");

        Assert.Equal(["abc", "d"], _written.Writes);
    }

    [Fact]
    public async Task HeldBytesAreSentWhenNothingFollows()
    {
        _stream.Corked = true;
        await WriteAsync("a");

        await _stream.UncorkAsync();
        await WriteAsync("b");

        Assert.Equal(["a", "b"], _written.Writes);
    }

    [Fact]
    public async Task HeldBytesAreLimited()
    {
        var piece = new string('x', 6_000);
        _stream.Corked = true;

        await WriteAsync(piece, piece, piece);

        Assert.Equal([piece + piece + piece], _written.Writes);
    }

    private async Task WriteAsync(params string[] pieces)
    {
        foreach (var piece in pieces)
        {
            await _stream.WriteAsync(Encoding.UTF8.GetBytes(piece));
        }
    }

    private sealed class Recorder : MemoryStream
    {
        public List<string> Writes { get; } = [];

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes.Add(Encoding.UTF8.GetString(buffer.Span));
            return ValueTask.CompletedTask;
        }
    }
}
