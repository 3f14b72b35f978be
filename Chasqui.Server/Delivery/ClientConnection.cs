using Chasqui.Server.Limits;

namespace Chasqui.Server.Delivery;

/// <summary>One connection of a client, of either transport; a feature of its <c>ConnectionContext</c>.</summary>
/// <param name="stop">Ends the transport's reading; the hub then ends the connection.</param>
/// <param name="joined">How many conversations it may join.</param>
internal sealed class ClientConnection(Action stop, int joined = int.MaxValue)
{
    private CloseReason? _end;

    /// <summary>Why the connection ends; the first reason stays.</summary>
    public CloseReason? End => Volatile.Read(ref _end);

    public required ConnectionCredentials Credentials { get; init; }

    public required ConnectionOutput Output { get; init; }

    /// <summary>A raw client sees additive events only after <c>hello</c>.</summary>
    public required bool IsRaw { get; init; }

    /// <summary>The frames that it may still send; <see langword="null"/> where that is not limited.</summary>
    public required Allowance? Frames { get; init; }

    /// <summary>WebSocket fragments that one message may come in.</summary>
    public int MaxFragments { get; init; } = int.MaxValue;

    /// <summary>What its user may still do, as above; set when the hub has connected.</summary>
    public UserAllowance? Allowance { get; set; }

    public FrameOrder Order { get; } = new();

    public HeldFrames Held { get; } = new();

    /// <summary>What the request that opened it keeps in memory.</summary>
    public int HandshakeBytes { get; set; }

    /// <summary>Memory that waits for the client to read, or for the server to carry out what it sent.</summary>
    public long HeldBytes => Output.QueuedBytes + Held.Bytes + Joined.Bytes + HandshakeBytes;

    /// <summary>Whether it gets the additive events.</summary>
    public bool IsOptedIn { get; set; }

    public RecentTyping Typing { get; } = new();

    /// <summary>
    /// Whether its user is away; <see langword="null"/> before the hub has connected and after it ended. Guarded by the lock of
    /// the presence table.
    /// </summary>
    public bool? IsAway { get; set; }

    public JoinedConversations Joined { get; } = new(joined);

    /// <summary>Set when SignalR's handshake is done.</summary>
    public HubConnectionContext? Hub { get; set; }

    /// <summary>
    /// The names of its SignalR groups; guarded by the lock of the lifetime manager. Most connections are in very few.
    /// </summary>
    public HashSet<string> Groups { get; } = new(capacity: 1);

    /// <summary>Its token ended: frames that have arrived are not carried out either.</summary>
    public bool IsShutOut => End == CloseReason.TokenEnded || End == CloseReason.AccountDisabled;

    /// <summary>
    /// Charges frames that have arrived, served or not; closes a client that goes on after a whole allowance of refusals.
    /// </summary>
    /// <returns>Whether the connection goes on.</returns>
    public bool Count(int frames)
    {
        if (Frames is null || frames == 0)
        {
            return true;
        }

        Frames.Charge(frames);
        Allowance?.Frames.Charge(frames);
        if (!Frames.IsFlooded && Allowance?.Frames.IsFlooded != true)
        {
            return true;
        }

        Close(CloseReason.Flooding);
        return false;
    }

    /// <summary>Milliseconds until a frame is within the rates of the connection and of its user; zero when it is.</summary>
    public int WaitForFrame => Math.Max(Frames?.Wait ?? 0, Allowance?.Frames.Wait ?? 0);

    /// <summary>A frame is charged in another way.</summary>
    public void GiveBackFrame()
    {
        Frames?.GiveBack(1);
        Allowance?.Frames.GiveBack(1);
    }

    /// <summary>Completes when the output can take a page of a replay.</summary>
    /// <exception cref="OperationCanceledException">The connection ends.</exception>
    public Task WhenRoomAsync() => End is null ? Output.WhenRoomAsync() : throw new OperationCanceledException();

    /// <summary>The client closed or is gone; the frames that it sent before are still carried out.</summary>
    public void ClientClosed() => Interlocked.CompareExchange(ref _end, CloseReason.Normal, null);

    /// <summary>Returns at once; only the first call has an effect.</summary>
    public void Close(CloseReason end)
    {
        if (Interlocked.CompareExchange(ref _end, end, null) is null)
        {
            Held.End();
            // The caller may be the writer thread, which must not run what follows.
            ThreadPool.UnsafeQueueUserWorkItem(static stop => stop(), stop, preferLocal: false);
        }
    }
}
