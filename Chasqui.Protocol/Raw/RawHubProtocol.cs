using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Chasqui.Protocol.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Chasqui.Protocol.Raw;

/// <summary>
/// The documented JSON frames as a SignalR hub protocol: a frame becomes an invocation of its hub method, an event or a refusal
/// becomes one JSON object, and SignalR's other messages are not written.
/// </summary>
/// <remarks>Frames come in delimited by <see cref="FrameDelimiter"/>; every flush of the output is one frame out.</remarks>
/// <param name="onError">Called with the code of each frame that is answered by an <c>Error</c>.</param>
/// <param name="documentedOnly">
/// Whether it is for clients that sent no <c>hello</c>: of a conversation's events they get <c>NewMessage</c>, with the fields
/// that were documented first.
/// </param>
public sealed class RawHubProtocol(Action<string>? onError = null, bool documentedOnly = false) : IHubProtocol
{
    // The invocation id is the frame's request_id, so that an answer of the hub itself names its frame. For a frame without one
    // it is this string, compared by reference: no client can send it.
    private static readonly string NoRequestId = new('-', 1);

    private static readonly JsonTypeInfo<ServerEvent> ServerEventInfo =
        (JsonTypeInfo<ServerEvent>)ChatJson.Options.GetTypeInfo(typeof(ServerEvent));

    /// <summary>The output of an idle writer. With a stream it would allocate a buffer each time.</summary>
    private static readonly ArrayBufferWriter<byte> Nowhere = new();

    private const int InitialBytes = 1024;
    private const int MostKeptBytes = 64 * 1024;

    private readonly RawHubProtocol? _optedIn = documentedOnly ? new RawHubProtocol(onError) : null;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    /// <summary>The name in SignalR's handshake.</summary>
    public string Name { get; } = documentedOnly ? "chasqui-raw-documented" : "chasqui-raw";

    /// <summary>The protocol of the same clients after <c>hello</c>.</summary>
    public RawHubProtocol OptedIn => _optedIn ?? this;

    /// <inheritdoc/>
    public int Version => 1;

    /// <inheritdoc/>
    public TransferFormat TransferFormat => TransferFormat.Text;

    /// <inheritdoc/>
    public bool IsVersionSupported(int version) => version == Version;

    /// <inheritdoc/>
    public bool TryParseMessage(
        ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message)
    {
        if (!FrameDelimiter.TryTakeFrame(ref input, out var json))
        {
            message = null;
            return false;
        }

        message = FrameReader.Read(json, out var frame) is { } problem
            ? new InvocationBindingFailureMessage(
                problem.RequestId ?? NoRequestId,
                "frame",
                ExceptionDispatchInfo.Capture(new HubException(problem.ToHubText())))
            : new InvocationMessage(frame!.RequestId ?? NoRequestId, HubMethod(frame), [frame]);
        return true;
    }

    /// <inheritdoc/>
    public void WriteMessage(HubMessage message, IBufferWriter<byte> output)
    {
        switch (message)
        {
            case InvocationMessage { Arguments: [IConversationEvent and not NewMessage] } when documentedOnly:
                break;
            case InvocationMessage { Arguments: [ServerEvent serverEvent] }:
                Write(serverEvent, output);
                break;
            // The hub filter turns refusals into errors; the text is from SignalR if the invocation did not reach the hub.
            case CompletionMessage { Error: { } text } completion:
                WriteError(WordedByHub(text) with { RequestId = RequestId(completion) }, output);
                break;
            case CompletionMessage { Result: Error error }:
                WriteError(error, output);
                break;
            case CompletionMessage { Result: Ack { RequestId: not null } ack }:
                Write(ack, output);
                break;
        }
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(InitialBytes);
        try
        {
            WriteMessage(message, buffer);
            return buffer.WrittenSpan.ToArray();
        }
        finally
        {
            if (buffer.Capacity > MostKeptBytes)
            {
                _buffer = null;
            }

            buffer.ResetWrittenCount();
        }
    }

    private static string HubMethod(ClientFrame frame) => frame switch
    {
        SendMessage => nameof(IChatHub.SendMessage),
        Join => nameof(IChatHub.Join),
        Leave => nameof(IChatHub.Leave),
        EditMessage => nameof(IChatHub.EditMessage),
        DeleteMessage => nameof(IChatHub.DeleteMessage),
        React => nameof(IChatHub.React),
        Unreact => nameof(IChatHub.Unreact),
        MarkRead => nameof(IChatHub.MarkRead),
        SetTyping => nameof(IChatHub.SetTyping),
        SetPresence => nameof(IChatHub.SetPresence),
        Hello => nameof(Hello),
        Ping => nameof(Ping),
        _ => throw new InvalidOperationException($"No hub method carries out {frame.GetType().Name}"),
    };

    private static string? RequestId(CompletionMessage completion) =>
        ReferenceEquals(completion.InvocationId, NoRequestId) ? null : completion.InvocationId;

    private static Error WordedByHub(string text) => Error.FromHubText(text)
        ?? new Error { Code = ErrorCodes.InternalError, Message = "The server failed to carry this out" };

    private void WriteError(Error error, IBufferWriter<byte> output)
    {
        onError?.Invoke(error.Code);
        Write(error, output);
    }

    private void Write(ServerEvent serverEvent, IBufferWriter<byte> output)
    {
        var writer = _writer ??= new Utf8JsonWriter(Nowhere, ChatJson.WriterOptions);
        writer.Reset(output);
        try
        {
            if (!EventWriter.TryWrite(writer, serverEvent, documentedOnly))
            {
                JsonSerializer.Serialize(writer, serverEvent, ServerEventInfo);
            }

            writer.Flush();
        }
        finally
        {
            writer.Reset(Nowhere);
        }
    }
}
