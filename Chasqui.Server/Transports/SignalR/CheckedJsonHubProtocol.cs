using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Chasqui.Protocol.Json;
using Chasqui.Server.Errors;
using Chasqui.Server.FrameworkWorkarounds;
using Chasqui.Server.Telemetry;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Chasqui.Server.Transports.SignalR;

/// <summary>
/// SignalR's JSON protocol with our checks: arguments that cannot be read are refused with a reason (SignalR answers them before
/// any filter runs, without one), and so are records that exceed the limits of frames.
/// </summary>
internal sealed class CheckedJsonHubProtocol(IOptions<JsonHubProtocolOptions> options, ErrorCounter errors) : IHubProtocol
{
    /// <summary>Each record ends with 0x1E.</summary>
    private const int SeparatorLength = 1;

    /// <summary>SignalR's clients count from 0. What waits for its turn holds the id.</summary>
    private const int MaxInvocationIdCharacters = 64;

    /// <summary>The record and the list of arguments.</summary>
    private const int LevelsAround = 2;

    private readonly JsonHubProtocol _json = new(options);

    public string Name => _json.Name;

    public int Version => _json.Version;

    public TransferFormat TransferFormat => _json.TransferFormat;

    public bool IsVersionSupported(int version) => _json.IsVersionSupported(version);

    public bool TryParseMessage(
        ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message)
    {
        var start = input;
        if (!_json.TryParseMessage(ref input, binder, out message))
        {
            return false;
        }

        var record = start.Slice(0, start.Length - input.Length - SeparatorLength);
        if (message is HubInvocationMessage { Headers: not null } invocation)
        {
            // Nobody reads them, and an invocation that waits for its turn would hold them.
            invocation.Headers = null;
        }

        if ((Problem(record) ?? ProblemOfId(message)) is { } problem)
        {
            message = Refuse((message as HubInvocationMessage)?.InvocationId, (message as HubMethodInvocationMessage)?.Target, problem);
        }
        else if (message is InvocationBindingFailureMessage failure)
        {
            message = Refuse(failure.InvocationId, failure.Target, Word(failure));
        }

        return true;
    }

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output)
    {
        if (message is CompletionMessage { Error: { } text })
        {
            errors.Add(TransportNames.Hub, Error.FromHubText(text)?.Code ?? ErrorCodes.InternalError);
        }

        _json.WriteMessage(message, output);
    }

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => _json.GetMessageBytes(message);

    /// <summary>
    /// What is wrong with a record that SignalR could read: it takes any depth, and the last of duplicate fields. Frames and
    /// bodies are checked for both.
    /// </summary>
    private static Error? Problem(in ReadOnlySequence<byte> record)
    {
        try
        {
            var sentence = IsTooDeep(record) ? "The argument is nested too deeply"
                : ChatJson.HasFieldTwice(record) ? "The hub message has a duplicate field"
                : null;
            return sentence is null ? null : new Error { Code = ErrorCodes.InvalidJson, Message = sentence };
        }
        catch (JsonException e)
        {
            // SignalR stops at the end of the object. The connection ends, as for any record that SignalR cannot read.
            throw new InvalidDataException("More than one JSON object in a hub message", e);
        }
    }

    private static Error? ProblemOfId(HubMessage? message) =>
        message is HubMethodInvocationMessage { InvocationId.Length: > MaxInvocationIdCharacters }
            ? new Error
            {
                Code = ErrorCodes.InvalidField,
                Message = $"The field 'invocationId' must have at most {MaxInvocationIdCharacters} characters",
            }
            : null;

    private static bool IsTooDeep(in ReadOnlySequence<byte> record)
    {
        var reader = new Utf8JsonReader(record);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray
                && reader.CurrentDepth >= ChatJson.MaxDepth + LevelsAround)
            {
                return true;
            }
        }

        return false;
    }

    private static InvocationBindingFailureMessage Refuse(string? invocationId, string? target, Error error) => new(
        invocationId, target ?? "", ExceptionDispatchInfo.Capture(new HubException(error.ToHubText())));

    private static Error Word(InvocationBindingFailureMessage failure)
    {
        if (failure.BindingFailure.SourceException.InnerException is JsonException json)
        {
            var (code, sentence) = JsonErrorText.Of(json);
            return new Error { Code = code, Message = sentence };
        }

        return new Error
        {
            Code = ErrorCodes.InvalidField,
            Message = $"'{failure.Target}' is no method of this hub, or does not take these arguments",
        };
    }
}
