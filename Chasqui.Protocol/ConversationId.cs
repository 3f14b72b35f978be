using System.Text.Json.Serialization;
using Chasqui.Protocol.Json;

namespace Chasqui.Protocol;

/// <summary>A conversation: <c>conv:&lt;uuid&gt;</c>; <c>conversation:&lt;uuid&gt;</c> is accepted on input.</summary>
/// <param name="Value">The uuid; version 7 when a server made it, so that ids sort by time of creation.</param>
[JsonConverter(typeof(PrefixedIdConverter<ConversationId>))]
public readonly record struct ConversationId(Guid Value) : IPrefixedId<ConversationId>
{
    /// <inheritdoc/>
    public static string Prefix => "conv:";

    /// <inheritdoc/>
    public static string? Alias => "conversation:";

    /// <inheritdoc/>
    public static ConversationId From(Guid value) => new(value);

    /// <summary>A new id, for now.</summary>
    public static ConversationId New() => new(Guid.CreateVersion7());

    /// <summary>The id as it goes over the wire.</summary>
    public override string ToString() => PrefixedId.Format(this);
}
