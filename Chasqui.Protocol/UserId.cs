using System.Text.Json.Serialization;
using Chasqui.Protocol.Json;

namespace Chasqui.Protocol;

/// <summary>A user: <c>user:&lt;uuid&gt;</c>.</summary>
/// <param name="Value">The uuid; version 7 when a server made it, so that ids sort by time of creation.</param>
[JsonConverter(typeof(PrefixedIdConverter<UserId>))]
public readonly record struct UserId(Guid Value) : IPrefixedId<UserId>
{
    /// <inheritdoc/>
    public static string Prefix => "user:";

    /// <inheritdoc/>
    public static UserId From(Guid value) => new(value);

    /// <summary>A new id, for now.</summary>
    public static UserId New() => new(Guid.CreateVersion7());

    /// <summary>The id as it goes over the wire.</summary>
    public override string ToString() => PrefixedId.Format(this);
}
