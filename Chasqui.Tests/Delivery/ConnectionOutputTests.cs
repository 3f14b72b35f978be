using System.Text;
using Chasqui.Server.Delivery;

namespace Chasqui.Tests.Delivery;

public sealed class ConnectionOutputTests
{
    private readonly List<string> _sent = [];
    private readonly ConnectionOutput _output;
    private TaskCompletionSource? _socket;

    public ConnectionOutputTests() => _output = new ConnectionOutput(
        (piece, more) =>
        {
            _sent.Add(Encoding.UTF8.GetString(piece.Span) + (more ? "+" : ""));
            return _socket is null ? ValueTask.CompletedTask : new ValueTask(_socket.Task);
        },
        limit: 100_000,
        end => _sent.Add(end.Reason));

    [Fact]
    public void SingleWriteIsSentAtOnce()
    {
        Say("a", "b");

        Assert.Equal(["a", "b"], _sent);
    }

    [Fact]
    public async Task DroppablePieceIsDroppedWhileTheSocketIsWaitedForOnly()
    {
        var socket = _socket = new TaskCompletionSource();
        Say("a", "b");
        _output.SendOrDrop("dropped"u8.ToArray());
        var drained = _output.WhenDrainedAsync();
        _socket = null;
        socket.SetResult();
        await drained.WaitAsync(TimeSpan.FromSeconds(20));

        _output.SendOrDrop("c"u8.ToArray());
        OutputBatch.Run(() =>
        {
            Say("d");
            _output.SendOrDrop("e"u8.ToArray());
        });

        Assert.Equal(["a", "b", "c", "d+", "e"], _sent);
    }

    [Fact]
    public void BatchIsSentWhenItEnds()
    {
        OutputBatch.Run(() =>
        {
            Say("a", "b", "c");
            Assert.Empty(_sent);
        });

        Assert.Equal(["a+", "b+", "c"], _sent);
    }

    [Fact]
    public void BatchIsWrittenToEachConnectionAtOnce()
    {
        var other = new ConnectionOutput(
            (piece, more) =>
            {
                _sent.Add("other " + Encoding.UTF8.GetString(piece.Span) + (more ? "+" : ""));
                return ValueTask.CompletedTask;
            },
            limit: 100,
            _ => { });

        OutputBatch.Run(() =>
        {
            Say("a");
            other.Send("a"u8.ToArray());
            Say("b");
            other.Send("b"u8.ToArray());
        });

        Assert.Equal(["a+", "b", "other a+", "other b"], _sent);
    }

    [Fact]
    public async Task WriteOfAnotherThreadDuringBatchKeepsItsOrder()
    {
        await Task.Run(() => OutputBatch.Run(() =>
        {
            Say("a");
            var other = new Thread(() => Say("b"));
            other.Start();
            other.Join();
            Say("c");
        }));

        Assert.Equal(["a+", "b+", "c"], _sent);
    }

    [Fact]
    public void LargeBatchIsSentEarly()
    {
        OutputBatch.Run(() =>
        {
            Say("a", new string('b', 70_000));
            Assert.Equal(2, _sent.Count);
        });

        Assert.Equal(2, _sent.Count);
    }

    [Fact]
    public void BatchIsSentWhenItsCodeThrows()
    {
        Assert.Throws<InvalidOperationException>(() => OutputBatch.Run(() =>
        {
            Say("a");
            throw new InvalidOperationException();
        }));

        Assert.Equal(["a"], _sent);
        Say("b");
        Assert.Equal(["a", "b"], _sent);
    }

    [Fact]
    public async Task EndedOutputDropsItsBatch()
    {
        _socket = new TaskCompletionSource();
        OutputBatch.Run(() => Say("a", "b"));
        Assert.Equal(["a+"], _sent);
        var drained = _output.WhenDrainedAsync();

        _output.End();
        _socket.SetResult();

        // Empty: what the socket holds back of the first leaves now.
        await drained.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(["a+", ""], _sent);
    }

    [Fact]
    public void HeldBytesAreSentWhenNextWriteFails()
    {
        var output = new ConnectionOutput(
            (piece, more) =>
            {
                _sent.Add(Encoding.UTF8.GetString(piece.Span) + (more ? "+" : ""));
                return piece.Span.SequenceEqual("b"u8) ? throw new IOException() : ValueTask.CompletedTask;
            },
            limit: 100,
            end => _sent.Add(end.Reason));

        OutputBatch.Run(() =>
        {
            output.Send("a"u8.ToArray());
            output.Send("b"u8.ToArray());
            output.Send("c"u8.ToArray());
        });

        Assert.Equal(["a+", "b+", "", CloseReason.InternalError.Reason], _sent);
    }

    [Fact]
    public void HeldBytesLeaveEvenIfTheLastPieceFails()
    {
        var output = new ConnectionOutput(
            (piece, more) =>
            {
                _sent.Add(Encoding.UTF8.GetString(piece.Span) + (more ? "+" : ""));
                return piece.Span.SequenceEqual("b"u8) ? throw new IOException() : ValueTask.CompletedTask;
            },
            limit: 100,
            end => _sent.Add(end.Reason));

        OutputBatch.Run(() =>
        {
            output.Send("a"u8.ToArray());
            output.Send("b"u8.ToArray());
        });

        Assert.Equal(["a+", "b", "", CloseReason.InternalError.Reason], _sent);
    }

    [Fact]
    public async Task OutputEndedWhileHeldIsDrained()
    {
        Task drained = Task.CompletedTask;
        OutputBatch.Run(() =>
        {
            Say("a");
            drained = _output.WhenDrainedAsync();
            _output.End();
        });

        await drained.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Empty(_sent);
    }

    [Fact]
    public void FullOutputQueueEndsConnection()
    {
        _socket = new TaskCompletionSource();

        Say("a", new string('b', 60_000), new string('c', 60_000));

        Assert.Equal(["a", CloseReason.TooSlow.Reason], _sent);
    }

    private void Say(params string[] pieces) => Array.ForEach(pieces, piece => _output.Send(Encoding.UTF8.GetBytes(piece)));
}
