using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Chasqui.Protocol;
using Chasqui.Protocol.Raw;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Chasqui.Bench.Micro;

/// <summary>
/// Reading a frame and writing an event, as the raw protocol does for every message, each compared with what cannot be saved: its
/// records, strings and bytes. What is allocated beyond those shows in the ratio.
/// </summary>
[MemoryDiagnoser]
[CategoriesColumn]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
public class ProtocolBenchmarks
{
    private const string Reading = "parse a frame";
    private const string Writing = "write a NewMessage";

    private static readonly string Content = new('x', 100);

    private readonly RawHubProtocol _protocol = new();
    private readonly ArrayBufferWriter<byte> _output = new(1024);
    private readonly ReadOnlySequence<byte> _frame = Frame();

    private readonly InvocationMessage _newMessage = new(nameof(NewMessage), [new NewMessage
    {
        Message = new Message
        {
            Id = MessageId.New(1_790_000_000_000),
            ConversationId = new ConversationId(Guid.CreateVersion7()),
            SenderId = new UserId(Guid.CreateVersion7()),
            Content = Content,
            CreatedAt = DateTimeOffset.UtcNow,
            Seq = 42,
        },
    }]);

    private readonly int _encodedLength;

    public ProtocolBenchmarks() => _encodedLength = EncodeNewMessage().Length;

    /// <summary>The frame's record and its strings, and what SignalR wants around them.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory(Reading)]
    public HubMessage AllocateFrame()
    {
        var requestId = new string('2', 1);
        return new InvocationMessage(requestId, nameof(IChatHub.SendMessage), [new SendMessage
        {
            ConversationId = default,
            Content = new string('x', Content.Length),
            ClientMessageId = new string('1', 1),
            RequestId = requestId,
        }]);
    }

    [Benchmark]
    [BenchmarkCategory(Reading)]
    public HubMessage ParseMessageFrame()
    {
        var input = _frame;
        _protocol.TryParseMessage(ref input, Unbound.Instance, out var message);
        return message!;
    }

    /// <summary>Into the output of one connection, which has the room.</summary>
    [Benchmark]
    [BenchmarkCategory(Writing)]
    public void WriteNewMessage()
    {
        _output.ResetWrittenCount();
        _protocol.WriteMessage(_newMessage, _output);
    }

    /// <summary>The bytes of the broadcast.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory(Writing)]
    public ReadOnlyMemory<byte> AllocateNewMessage() => new byte[_encodedLength];

    [Benchmark]
    [BenchmarkCategory(Writing)]
    public ReadOnlyMemory<byte> EncodeNewMessage() => _protocol.GetMessageBytes(_newMessage);

    private static ReadOnlySequence<byte> Frame()
    {
        var json = Encoding.UTF8.GetBytes(
            $$"""{"type":"message","conversation_id":"conv:{{Guid.CreateVersion7()}}","content":"{{Content}}","client_message_id":"1","request_id":"2"}""");
        var frame = new byte[FrameDelimiter.Size + json.Length];
        FrameDelimiter.Write(frame, json.Length);
        json.CopyTo(frame, FrameDelimiter.Size);
        return new ReadOnlySequence<byte>(frame);
    }

    /// <summary>The raw protocol asks for no types.</summary>
    private sealed class Unbound : IInvocationBinder
    {
        public static readonly Unbound Instance = new();

        public Type GetReturnType(string invocationId) => throw new NotSupportedException();

        public IReadOnlyList<Type> GetParameterTypes(string methodName) => throw new NotSupportedException();

        public Type GetStreamItemType(string streamId) => throw new NotSupportedException();
    }
}
