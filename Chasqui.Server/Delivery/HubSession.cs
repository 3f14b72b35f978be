using Chasqui.Server.Limits;

namespace Chasqui.Server.Delivery;

/// <summary>What the hub remembers of one connection between its frames.</summary>
/// <param name="turn">Keeps its frames in order.</param>
/// <param name="messages">The messages that its user may still send; <see langword="null"/> where that is not limited.</param>
/// <param name="joined">What it has joined.</param>
internal sealed class HubSession(FrameOrder turn, Allowance? messages, JoinedConversations joined)
{
    private int _promises;

    public FrameOrder Turn => turn;

    public Allowance? Messages => messages;

    public JoinedConversations Joined => joined;

    public static HubSession For(LimitOptions limits, UserAllowance? user) => new(
        new FrameOrder(),
        user?.Messages,
        new JoinedConversations(limits.MaxJoinedConversations));

    /// <summary>Counts an answer that is owed.</summary>
    /// <returns><see langword="false"/> when there are as many as may be.</returns>
    public bool TryPromise(int most)
    {
        if (Interlocked.Increment(ref _promises) <= most)
        {
            return true;
        }

        EndPromise();
        return false;
    }

    /// <summary>An answer is owed no longer.</summary>
    public void EndPromise() => Interlocked.Decrement(ref _promises);
}
