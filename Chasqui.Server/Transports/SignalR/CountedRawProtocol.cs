using System.Diagnostics.CodeAnalysis;
using Chasqui.Protocol.Raw;
using Chasqui.Server.Errors;
using Chasqui.Server.Telemetry;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Chasqui.Server.Transports.SignalR;

/// <summary>The raw protocol with a counter of refusals, some of which never reach the hub.</summary>
internal sealed class CountedRawProtocol(ErrorCounter errors) : IHubProtocol
{
    private readonly RawHubProtocol _raw = new();

    public string Name => _raw.Name;

    public int Version => _raw.Version;

    public TransferFormat TransferFormat => _raw.TransferFormat;

    public bool IsVersionSupported(int version) => _raw.IsVersionSupported(version);

    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message) =>
        _raw.TryParseMessage(ref input, binder, out message);

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output)
    {
        Count(message);
        _raw.WriteMessage(message, output);
    }

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message)
    {
        Count(message);
        return _raw.GetMessageBytes(message);
    }

    private void Count(HubMessage message)
    {
        if (message is CompletionMessage completion && ErrorOf(completion) is { } code)
        {
            errors.Add(TransportNames.Raw, code);
        }
    }

    private static string? ErrorOf(CompletionMessage completion) => completion switch
    {
        { Error: { } text } => Error.FromHubText(text)?.Code ?? ErrorCodes.InternalError,
        { Result: Error error } => error.Code,
        _ => null,
    };
}
