using Chasqui.Server.Limits;

namespace Chasqui.Server.Hubs;

/// <summary>What the hub remembers of one connection between its frames.</summary>
/// <param name="Turn">Keeps its frames in order.</param>
/// <param name="Messages">The messages that its user may still send; <see langword="null"/> where that is not limited.</param>
/// <param name="Joined">What it has joined.</param>
internal sealed record HubSession(FrameTurn Turn, Allowance? Messages, JoinedConversations Joined)
{
    private int _promises;

    public static HubSession For(LimitOptions limits, UserAllowance? user) => new(
        new FrameTurn(),
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

        Keep();
        return false;
    }

    /// <summary>An answer is owed no longer.</summary>
    public void Keep() => Interlocked.Decrement(ref _promises);
}
