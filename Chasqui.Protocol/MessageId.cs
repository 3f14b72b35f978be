using System.Text.Json.Serialization;
using Chasqui.Protocol.Json;

namespace Chasqui.Protocol;

/// <summary>A message: <c>msg:&lt;uuid&gt;</c>.</summary>
/// <param name="Value">The uuid; version 7 when a server made it, so that ids sort by time of creation.</param>
[JsonConverter(typeof(PrefixedIdConverter<MessageId>))]
public readonly record struct MessageId(Guid Value) : IPrefixedId<MessageId>
{
    /// <inheritdoc/>
    public static string Prefix => "msg:";

    /// <inheritdoc/>
    public static MessageId From(Guid value) => new(value);

    /// <summary>A new id, for now.</summary>
    public static MessageId New() => new(Guid.CreateVersion7());

    /// <summary>The id as it goes over the wire.</summary>
    public override string ToString() => PrefixedId.Format(this);
}
