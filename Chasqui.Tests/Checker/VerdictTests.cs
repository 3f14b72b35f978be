namespace Chasqui.Tests.Checker;

/// <summary>A checker that never complains would pass too: each fault, put into a good record, has to be seen.</summary>
public sealed class VerdictTests
{
    private static readonly Delivery[] Stored =
        [.. Enumerable.Range(0, 10).Select(number => new Delivery(number + 1, Guid.NewGuid(), new MessageKey(0, number)))];

    private static readonly Send[] Sent = [.. Stored.Select(stored => SendOf(stored))];

    private static readonly Session[] Seen = [SessionOf(0, Stored)];

    [Fact]
    public void CorrectRecordHasNoFault() => Assert.Empty(Judge().Examples);

    [Fact]
    public void AckedMessageMissingFromHistoryIsLost() =>
        Assert.Equal(1, Judge(history: Stored[..9], sessions: [SessionOf(0, Stored[..9])])[Fault.Lost]);

    [Fact]
    public void AckWithAnotherIdThanHistoryIsLost() =>
        Assert.Equal(1, Judge(sends: [.. Sent[..9], SendOf(Stored[9] with { Id = Guid.NewGuid() })])[Fault.Lost]);

    [Fact]
    public void AckWithAnotherSeqThanHistoryIsLost() =>
        Assert.Equal(1, Judge(sends: [.. Sent[..9], SendOf(Stored[9] with { Seq = 4 })])[Fault.Lost]);

    [Fact]
    public void MessageStoredTwiceIsDuplicated() =>
        Assert.Equal(1, Judge(history: [.. Stored, Stored[3] with { Seq = 11 }])[Fault.Duplicated]);

    [Fact]
    public void MissingSeqIsGap() =>
        Assert.Equal(
            1,
            Judge(history: [.. Stored[..9], Stored[9] with { Seq = 11 }], sessions: [], complete: false)[Fault.Gap]);

    [Fact]
    public void UnknownContentIsFound() =>
        Assert.Equal(1, Judge(history: [.. Stored, new Delivery(11, Guid.NewGuid(), MessageKey.Unknown)])[Fault.NotStored]);

    [Fact]
    public void SenderMessagesOutOfOrderAreFound()
    {
        Delivery[] swapped = [.. Stored[..8], Stored[9] with { Seq = 9 }, Stored[8] with { Seq = 10 }];
        var verdict = Judge(swapped, [.. swapped.Select(SendOf)], [SessionOf(0, swapped)]);
        Assert.Equal(1, verdict[Fault.OutOfOrder]);
        Assert.Equal(1, verdict.Total);
    }

    [Fact]
    public void RefusedMessageMayBeOvertaken()
    {
        Delivery[] swapped = [.. Stored[..8], Stored[9] with { Seq = 9 }, Stored[8] with { Seq = 10 }];
        Send[] sends = [.. swapped.Select(SendOf)];
        sends[9].Overtakable = true;
        Assert.Equal(0, Judge(swapped, sends, [SessionOf(0, swapped)]).Total);
    }

    [Fact]
    public void MessageDeliveredTwiceIsDuplicated() =>
        Assert.Equal(1, Judge(sessions: [SessionOf(0, [.. Stored[..5], .. Stored[4..]])])[Fault.Duplicated]);

    [Fact]
    public void MessagesDeliveredOutOfOrderAreFound() =>
        Assert.Equal(
            1, Judge(sessions: [SessionOf(0, [.. Stored[..4], Stored[5], Stored[4], .. Stored[6..]])])[Fault.OutOfOrder]);

    [Fact]
    public void MissedMessageIsGap() =>
        Assert.NotEqual(0, Judge(sessions: [SessionOf(0, [.. Stored[..4], .. Stored[5..]])])[Fault.Gap]);

    [Fact]
    public void MissedEndIsGap() =>
        Assert.Equal(1, Judge(sessions: [SessionOf(0, Stored[..7])])[Fault.Gap]);

    [Fact]
    public void DeliveredMessageMissingFromHistoryIsNotStored() =>
        Assert.NotEqual(0, Judge(history: Stored[..9], sends: Sent[..9])[Fault.NotStored]);

    [Fact]
    public void ReaderWithReplayHasNoFault() =>
        Assert.Equal(0, Judge(sessions: [SessionOf(0, Stored[..4]), SessionOf(4, Stored[4..])]).Total);

    [Fact]
    public void ReplayThatBeginsTooLateIsGap() =>
        Assert.NotEqual(0, Judge(sessions: [SessionOf(0, Stored[..4]), SessionOf(4, Stored[5..])])[Fault.Gap]);

    [Fact]
    public void ReplayThatBeginsTooEarlyIsFound() =>
        Assert.NotEqual(0, Judge(sessions: [SessionOf(0, Stored[..4]), SessionOf(4, Stored[3..])]).Total);

    [Fact]
    public void ReaderThatReadHistoryInsteadOfReplayHasNoFault() =>
        Assert.Equal(0, Judge(sessions: [CaughtUp(Stored[..6], Stored[6..])]).Total);

    [Fact]
    public void GapBetweenHistoryAndLiveMessagesIsFound() =>
        Assert.NotEqual(0, Judge(sessions: [CaughtUp(Stored[..6], Stored[7..])])[Fault.Gap]);

    [Fact]
    public void ServerBehindItsReaderIsFound()
    {
        var session = new Session(10) { JoinedAt = 9, Replayed = false };
        Assert.NotEqual(0, Judge(history: Stored[..9], sends: Sent[..9], sessions: [SessionOf(0, Stored), session])[Fault.Lost]);
    }

    private static Verdict Judge(
        Delivery[]? history = null, Send[]? sends = null, Session[]? sessions = null, bool complete = true) =>
        Verdict.Of([new RoomRecord("room", history ?? Stored, sends ?? Sent, [new ReaderRecord(0, sessions ?? Seen)])], complete);

    private static Send SendOf(Delivery stored) =>
        new(stored.Key, place: 0) { Attempts = 1, IsAcked = true, Seq = stored.Seq, Id = stored.Id };

    private static Session SessionOf(long after, IEnumerable<Delivery> delivered)
    {
        var session = new Session(after) { JoinedAt = after, Replayed = true };
        session.Delivered.AddRange(delivered);
        return session;
    }

    private static Session CaughtUp(Delivery[] history, Delivery[] live)
    {
        var session = new Session(0) { JoinedAt = history[^1].Seq, Replayed = false, IsCaughtUp = true };
        session.CaughtUp.AddRange(history);
        session.Delivered.AddRange(live);
        return session;
    }
}
