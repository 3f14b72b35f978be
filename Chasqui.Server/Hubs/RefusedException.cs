using Chasqui.Protocol;
using Microsoft.AspNetCore.SignalR;

namespace Chasqui.Server.Hubs;

/// <summary>A hub method refuses; SignalR clients read the text, raw clients get the error as a frame.</summary>
internal sealed class RefusedException(Error error) : HubException(error.ToHubText())
{
    public Error Error { get; } = error;
}
