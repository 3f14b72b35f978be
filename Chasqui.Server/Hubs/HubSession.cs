using Chasqui.Server.Limits;

namespace Chasqui.Server.Hubs;

/// <summary>What the hub remembers of one connection between its frames.</summary>
/// <param name="Turn">Keeps its frames in order.</param>
/// <param name="Messages">The messages that its user may still send; <see langword="null"/> where that is not limited.</param>
/// <param name="Joined">What it has joined.</param>
internal sealed record HubSession(FrameTurn Turn, Allowance? Messages, JoinedConversations Joined)
{
    public static HubSession For(LimitOptions limits, UserAllowance? user) => new(
        new FrameTurn(),
        user?.Messages,
        new JoinedConversations(limits.MaxJoinedConversations));
}
