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

    /// <summary>A new id.</summary>
    /// <param name="createdAt">When the message is stored, in Unix milliseconds: a server finds the message by it.</param>
    public static MessageId New(long createdAt)
    {
        Span<byte> bytes = stackalloc byte[16];
#pragma warning disable CA5394 // An id is no secret, and the system's generator takes as long as storing the message.
        Random.Shared.NextBytes(bytes);
#pragma warning restore CA5394
        // RFC 9562, 5.7: 48 bits of Unix milliseconds, then version and variant among the random bits.
        BinaryPrimitives.WriteInt64BigEndian(bytes, (createdAt << 16) | BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]));
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x70);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new MessageId(new Guid(bytes, bigEndian: true));
    }

    /// <summary>When the message was stored, in Unix milliseconds; of an id that a server made.</summary>
    public long CreatedAt()
    {
        Span<byte> bytes = stackalloc byte[16];
        Value.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16;
    }

    /// <summary>The id as it goes over the wire.</summary>
    public override string ToString() => PrefixedId.Format(this);
}
