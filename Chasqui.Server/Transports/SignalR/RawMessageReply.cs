using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Chasqui.Server.Errors;
using Chasqui.Server.Messages;
using Chasqui.Server.Storage;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Chasqui.Server.Transports.SignalR;

/// <summary>
/// Answers a raw client's message as soon as the writer knows what became of it. The hub method is over by then: one that
/// waited would have to be woken for each message, on the thread that everybody's messages go through.
/// </summary>
internal sealed class RawMessageReply : IAppendAnswer
{
    /// <summary>What the hub method returns meanwhile: the raw protocol writes nothing for it.</summary>
    public const Ack Promised = null!;

    /// <summary>For one connection. Whoever sends more at once waits for the writer inside the hub.</summary>
    private const int MostPromised = 16;

    private readonly ClientConnection _connection;
    private readonly string? _requestId;
    private readonly InFlightFrames _frames;

    private RawMessageReply(ClientConnection connection, string? requestId, InFlightFrames frames)
    {
        _connection = connection;
        _requestId = requestId;
        _frames = frames;
    }

    /// <returns><see langword="null"/> where the hub has to answer.</returns>
    public static RawMessageReply? TryPromise(ClientConnection connection, string? requestId, InFlightFrames frames)
    {
        if (!connection.IsRaw || !connection.Session!.TryPromise(MostPromised))
        {
            return null;
        }

        frames.Begin();
        return new RawMessageReply(connection, requestId, frames);
    }

    public void Appended(in Appended appended) => Answer(MessageReplies.To(appended, _requestId));

    public void Refused(WriteRefusedException reason) => Answer(WriteErrors.Of(reason) with { RequestId = _requestId });

    private void Answer(ServerEvent answer)
    {
        try
        {
            if (_requestId is not null || answer is Error)
            {
                var completion = new CompletionMessage(string.Empty, error: null, answer, hasResult: true);
                _connection.Output.Send(_connection.Hub!.Protocol.GetMessageBytes(completion));
            }
        }
        finally
        {
            _connection.Session!.EndPromise();
            _frames.End();
        }
    }
}
