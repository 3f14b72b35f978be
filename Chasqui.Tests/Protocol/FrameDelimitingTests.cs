using System.Buffers;
using System.Buffers.Binary;
using Chasqui.Protocol;
using Chasqui.Protocol.Raw;
using Microsoft.AspNetCore.SignalR.Protocol;
using static Chasqui.Tests.Protocol.RawFrames;

namespace Chasqui.Tests.Protocol;

public sealed class FrameDelimitingTests
{
    private const string Ping = """{"type":"ping","request_id":"p"}""";

    [Fact]
    public void PartOfAFrameIsLeftInTheInput()
    {
        var whole = Delimit(Ping);
        for (var length = 0; length < whole.Length; length++)
        {
            var input = new ReadOnlySequence<byte>(whole, 0, length);
            Assert.Null(TryParse(ref input));
            Assert.Equal(length, input.Length);
        }
    }

    [Fact]
    public void FramesInOneBufferAreTakenOneByOne()
    {
        var input = new ReadOnlySequence<byte>([
            .. Delimit(Ping), .. Delimit("nonsense"), .. Delimit("""{"type":"hello"}"""), .. Delimit(Ping)[..7]]);

        Assert.Equal(nameof(Chasqui.Protocol.Ping), Assert.IsType<InvocationMessage>(TryParse(ref input)).Target);
        Assert.IsType<InvocationBindingFailureMessage>(TryParse(ref input));
        Assert.Equal(nameof(Hello), Assert.IsType<InvocationMessage>(TryParse(ref input)).Target);
        Assert.Null(TryParse(ref input));
        Assert.Equal(7, input.Length);
    }

    [Fact]
    public void FramesScatteredOverASegmentAByteAreRead()
    {
        var input = Segments.Scatter([.. Delimit(Ping), .. Delimit("{"), .. Delimit(Ping)]);

        Assert.IsType<InvocationMessage>(TryParse(ref input));
        Assert.IsType<InvocationBindingFailureMessage>(TryParse(ref input));
        Assert.IsType<InvocationMessage>(TryParse(ref input));
        Assert.True(input.IsEmpty);
    }

    [Fact]
    public void AFrameOfExactlyTheLimitIsRead()
    {
        var frame = Ping.PadRight(ChatLimits.MaxFrameBytes);
        Assert.IsType<InvocationMessage>(Parse(frame));
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(int.MinValue)]
    public void UnknownLengthPrefixIsServerError(int length)
    {
        var bytes = new byte[64];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        Assert.Throws<InvalidDataException>(() =>
        {
            var input = new ReadOnlySequence<byte>(bytes);
            TryParse(ref input);
        });
    }

    [Fact]
    public void IncompleteFrameIsNotTaken()
    {
        var bytes = Delimit(Ping);
        FrameDelimiter.Write(bytes, FrameDelimiter.Unfinished);
        var input = new ReadOnlySequence<byte>(bytes);
        Assert.Null(TryParse(ref input));
    }
}
