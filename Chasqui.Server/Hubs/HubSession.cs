using Chasqui.Server.Limits;
using Microsoft.AspNetCore.SignalR;

namespace Chasqui.Server.Hubs;

/// <summary>What the hub remembers of one connection between its frames.</summary>
/// <param name="Turn">Keeps its frames in order.</param>
/// <param name="Allowance">The messages that it may still send; <see langword="null"/> where that is not limited.</param>
/// <param name="Joined">What it has joined.</param>
internal sealed record HubSession(FrameTurn Turn, Allowance? Allowance, JoinedConversations Joined)
{
    public static HubSession For(LimitOptions limits, TimeProvider clock) => new(
        new FrameTurn(),
        limits.NewAllowance(limits.MessagesPer10s, clock),
        new JoinedConversations(limits.MaxJoinedConversations));

    public static HubSession Of(HubCallerContext context) => (HubSession)context.Items[typeof(HubSession)]!;

    /// <returns><see langword="null"/> as long as the hub has not said that it is connected.</returns>
    public static HubSession? Of(HubConnectionContext connection) => connection.Items.TryGetValue(typeof(HubSession), out var session) ? (HubSession?)session : null;

    public void AttachTo(HubCallerContext context) => context.Items[typeof(HubSession)] = this;
}
