using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Chasqui.Protocol;

/// <summary>What a client sends. Without its <c>type</c>, a frame is the argument of a hub method.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Hello), FrameTypes.Hello)]
[JsonDerivedType(typeof(Join), FrameTypes.Join)]
[JsonDerivedType(typeof(Leave), FrameTypes.Leave)]
[JsonDerivedType(typeof(SendMessage), FrameTypes.Message)]
[JsonDerivedType(typeof(EditMessage), FrameTypes.Edit)]
[JsonDerivedType(typeof(DeleteMessage), FrameTypes.Delete)]
[JsonDerivedType(typeof(React), FrameTypes.React)]
[JsonDerivedType(typeof(Unreact), FrameTypes.Unreact)]
[JsonDerivedType(typeof(MarkRead), FrameTypes.Read)]
[JsonDerivedType(typeof(SetTyping), FrameTypes.Typing)]
[JsonDerivedType(typeof(SetPresence), FrameTypes.Presence)]
[JsonDerivedType(typeof(Ping), FrameTypes.Ping)]
public abstract record ClientFrame
{
    /// <summary>
    /// 1 to <see cref="ChatLimits.MaxClientIdCharacters"/> characters that the client chooses. A frame with an id gets
    /// exactly one answer, an <see cref="Ack"/> or an <see cref="Error"/> with the same id.
    /// </summary>
    [StringLength(ChatLimits.MaxClientIdCharacters, MinimumLength = 1)]
    public string? RequestId { get; init; }
}
