using Chasqui.Protocol;

namespace Chasqui.Tests.Checker;

/// <summary>One message as a client received it, live or as history.</summary>
internal readonly record struct Delivery(long Seq, Guid Id, MessageKey Key)
{
    public static Delivery Of(Message message) => new(message.Seq, message.Id.Value, Contents.KeyOf(message.Content));
}
