using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using Chasqui.Protocol;
using Chasqui.Server.Errors;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Hubs;

/// <summary>
/// SignalR's JSON protocol, but arguments that cannot be read are refused with a sentence: SignalR answers them before
/// any filter runs, and keeps the reason to itself.
/// </summary>
internal sealed class WordedJsonHubProtocol(IOptions<JsonHubProtocolOptions> options) : IHubProtocol
{
    private readonly JsonHubProtocol _json = new(options);

    public string Name => _json.Name;

    public int Version => _json.Version;

    public TransferFormat TransferFormat => _json.TransferFormat;

    public bool IsVersionSupported(int version) => _json.IsVersionSupported(version);

    public bool TryParseMessage(
        ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message)
    {
        if (!_json.TryParseMessage(ref input, binder, out message))
        {
            return false;
        }

        if (message is InvocationBindingFailureMessage failure)
        {
            message = new InvocationBindingFailureMessage(
                failure.InvocationId, failure.Target, ExceptionDispatchInfo.Capture(new HubException(Word(failure).ToHubText())));
        }

        return true;
    }

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output) => _json.WriteMessage(message, output);

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => _json.GetMessageBytes(message);

    private static Error Word(InvocationBindingFailureMessage failure)
    {
        if (failure.BindingFailure.SourceException.InnerException is JsonException json)
        {
            var (code, sentence) = JsonSentence.Of(json);
            return new Error { Code = code, Message = sentence };
        }

        return new Error
        {
            Code = ErrorCodes.InvalidField,
            Message = $"'{failure.Target}' is no method of this hub, or does not take these arguments",
        };
    }
}
