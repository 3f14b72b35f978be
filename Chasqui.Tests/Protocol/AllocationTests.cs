using System.Buffers;
using Chasqui.Protocol;
using Chasqui.Protocol.Raw;
using Microsoft.AspNetCore.SignalR.Protocol;
using static Chasqui.Tests.Protocol.RawFrames;

namespace Chasqui.Tests.Protocol;

/// <summary>Every message is parsed once and written once: what that leaves behind, the collector has to take away.</summary>
public sealed class AllocationTests
{
    private const int Times = 100;

    private static readonly string Content = new('x', 100);

    private static readonly InvocationMessage Said = new(nameof(NewMessage), [new NewMessage
    {
        Message = new Message
        {
            Id = MessageId.New(1_790_000_000_000),
            ConversationId = ConversationId.New(),
            SenderId = UserId.New(),
            Content = Content,
            CreatedAt = DateTimeOffset.UnixEpoch,
            Seq = 42,
        },
    }]);

    private readonly RawHubProtocol _protocol = new();
    private readonly ArrayBufferWriter<byte> _output = new(1024);

    [Theory]
    [InlineData(Conv)]
    [InlineData("conversation:" + Uuid)]
    [InlineData("\\u0063onv:" + Uuid)]
    public void AParsedFrameIsItsRecordItsStringsAndTheInvocation(string id)
    {
        var frame = new ReadOnlySequence<byte>(Delimit(
            $$"""{"type":"message","conversation_id":"{{id}}","content":"{{Content}}","client_message_id":"1","request_id":"2"}"""));

        Assert.Equal(
            Allocated(() =>
            {
                var requestId = new string('2', 1);
                _ = new InvocationMessage(requestId, nameof(IChatHub.SendMessage), [new SendMessage
                {
                    ConversationId = default,
                    Content = new string('x', 100),
                    ClientMessageId = new string('1', 1),
                    RequestId = requestId,
                }]);
            }),
            Allocated(() =>
            {
                var input = frame;
                Assert.NotNull(TryParse(ref input));
            }));
    }

    [Fact]
    public void WritingMessageAllocatesNothing() => Assert.Equal(0, Allocated(() =>
    {
        _output.ResetWrittenCount();
        _protocol.WriteMessage(Said, _output);
    }));

    [Fact]
    public void BroadcastMessageAllocatesOnlyItsBytes()
    {
        var length = _protocol.GetMessageBytes(Said).Length;
        Assert.Equal(Allocated(() => _ = new byte[length]), Allocated(() => _protocol.GetMessageBytes(Said)));
    }

    private static long Allocated(Action work)
    {
        // What is made once, for all that come.
        work();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Times; i++)
        {
            work();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
