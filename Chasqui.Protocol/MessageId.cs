using System.Buffers.Binary;
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
    public static MessageId New()
    {
        Span<byte> bytes = stackalloc byte[16];
#pragma warning disable CA5394 // An id is no secret, and the system's generator takes as long as storing the message.
        Random.Shared.NextBytes(bytes);
#pragma warning restore CA5394
        // RFC 9562, 5.7: 48 bits of Unix milliseconds, then version and variant among the random bits.
        var milliseconds = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        BinaryPrimitives.WriteInt64BigEndian(bytes, (milliseconds << 16) | BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]));
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x70);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new MessageId(new Guid(bytes, bigEndian: true));
    }

    /// <summary>The id as it goes over the wire.</summary>
    public override string ToString() => PrefixedId.Format(this);
}
