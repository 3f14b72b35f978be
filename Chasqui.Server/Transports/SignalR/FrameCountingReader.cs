using Chasqui.Server.Delivery;
using Chasqui.Server.Limits;

namespace Chasqui.Server.Transports.SignalR;

/// <summary>
/// The input of a SignalR connection. Charges the client for each record: invocations, pings and records that cannot be read. It
/// reads no further while too much is being carried out.
/// </summary>
internal sealed class FrameCountingReader(PipeReader inner, ClientConnection control) : PipeReader
{
    /// <summary>Ends each record of SignalR's JSON protocol; inside a record it is escaped.</summary>
    private const byte RecordSeparator = 0x1E;

    private ReadOnlySequence<byte> _buffer;

    /// <summary>The bytes at the start of the input that have been counted.</summary>
    private long _seen;

    /// <summary>Bytes that were not charged yet: too few to count as a frame.</summary>
    private long _rest;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        await control.Held.WhenRoomAsync();
        return Counted(await inner.ReadAsync(cancellationToken));
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!inner.TryRead(out result))
        {
            return false;
        }

        Counted(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _seen -= _buffer.Slice(0, consumed).Length;
        control.Held.Unfinished = (int)_seen;
        _buffer = default;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    private ReadResult Counted(ReadResult result)
    {
        _buffer = result.Buffer;
        var records = 0;
        foreach (var segment in _buffer.Slice(_seen))
        {
            records += segment.Span.Count(RecordSeparator);
        }

        _rest += _buffer.Length - _seen;
        _seen = _buffer.Length;
        control.Count(records + (int)(_rest / FixedLimits.BytesPerFrame));
        _rest %= FixedLimits.BytesPerFrame;
        return result;
    }
}
