using Chasqui.Server.Limits;
using Microsoft.AspNetCore.SignalR;

namespace Chasqui.Server.Hubs;

/// <summary>What the hub remembers of one connection between its frames.</summary>
/// <param name="Turn">Keeps its frames in order.</param>
/// <param name="Allowance">What it may still send; <see langword="null"/> where that is not limited.</param>
internal sealed record HubSession(FrameTurn Turn, Allowance? Allowance)
{
    public static HubSession Of(HubCallerContext context) => (HubSession)context.Items[typeof(HubSession)]!;

    public void AttachTo(HubCallerContext context) => context.Items[typeof(HubSession)] = this;
}
