using System.Buffers;
using System.Diagnostics;
using Chasqui.Server.Delivery;

namespace Chasqui.Tests.Fuzzing;

/// <summary>One connection from its handshake to its end.</summary>
internal sealed class FuzzedConnection(Uri server, FuzzedTransport transport, Script script)
{
    /// <summary>How long the server may take for anything; no machine is that slow.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly ExpectedAnswers _tally = new(script);
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>This client answers no pings: from the first one on the server may hang up, however slow the machine was.</summary>
    private bool IsOverdue => _clock.Elapsed > Heartbeat.Interval;

    public async Task RunAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var socket = await WireSocket.OpenAsync(server, transport.PathAndQuery, deadline.Token);
        if (script.Ending.CutAt is { } part)
        {
            await socket.SendAsync(script.Frames[..(int)(part * script.Frames.Length)], deadline.Token);
            if (script.Ending.Resets)
            {
                socket.Reset();
            }

            return;
        }

        var reading = ReadAsync(socket, deadline.Token);
        try
        {
            await TalkAsync(socket, reading, deadline.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new FindingException($"No answer within {Deadline}: {_tally.Missing}", e);
        }
    }

    private async Task TalkAsync(WireSocket socket, Task<int?> reading, CancellationToken deadline)
    {
        await SendAsync(socket, script.Frames, deadline);
        if (script.Waits)
        {
            await Task.WhenAny(_tally.WhenComplete, reading).WaitAsync(deadline);
            if (reading.IsCompleted && !_tally.WhenComplete.IsCompleted && !script.MayBeClosed && !IsOverdue)
            {
                throw new FindingException($"Closed with {await reading} ({socket.End}) before the ending; unanswered: {_tally.Missing}");
            }
        }

        await socket.SendAsync(script.Ending.Bytes, deadline);
        if (script.Ending.Codes.Length == 0)
        {
            socket.EndSending();
        }

        var code = await reading;
        if (script.Ending.Codes.Length > 0 && !script.Ending.Codes.Contains(code ?? 0) && !(code is null && IsOverdue))
        {
            throw new FindingException(
                $"Closed after {_clock.Elapsed} with {(code is null ? $"no code ({socket.End})" : $"{code}")}, "
                + $"not {string.Join(" or ", script.Ending.Codes)}");
        }
    }

    /// <summary>Mostly at once; now and then in pieces that end anywhere.</summary>
    private async Task SendAsync(WireSocket socket, ReadOnlyMemory<byte> bytes, CancellationToken deadline)
    {
        for (var pieces = script.Random.Next(8) == 0 ? 10 : 0; pieces > 0; pieces--)
        {
            var piece = script.Random.Next(bytes.Length + 1);
            await socket.SendAsync(bytes[..piece], deadline);
            bytes = bytes[piece..];
        }

        await socket.SendAsync(bytes, deadline);
    }

    /// <summary>Reads until the end.</summary>
    /// <returns>The code that the server closed with, if it did.</returns>
    private async Task<int?> ReadAsync(WireSocket socket, CancellationToken deadline)
    {
        var pieces = new ArrayBufferWriter<byte>();
        while (await socket.ReceiveAsync(deadline) is { } frame)
        {
            switch (frame.Opcode)
            {
                case Opcode.Close:
                    return frame.Payload.Length < 2 ? null : (frame.Payload.Span[0] << 8) | frame.Payload.Span[1];
                case Opcode.Ping or Opcode.Pong:
                    break;
                case Opcode.Text or Opcode.Continuation when frame.IsLast && pieces.WrittenCount == 0:
                    transport.Read(frame.Payload, _tally);
                    break;
                case Opcode.Text or Opcode.Continuation:
                    pieces.Write(frame.Payload.Span);
                    if (frame.IsLast)
                    {
                        transport.Read(pieces.WrittenMemory, _tally);
                        pieces.ResetWrittenCount();
                    }

                    break;
                default:
                    throw new FindingException($"A frame with opcode {frame.Opcode}");
            }
        }

        return null;
    }
}
