namespace Chasqui.Protocol;

/// <summary>A message was committed; sent to every connection that joined its conversation, the sender's included.</summary>
public sealed record NewMessage : ServerEvent
{
    /// <summary>The message.</summary>
    public required Message Message { get; init; }
}
