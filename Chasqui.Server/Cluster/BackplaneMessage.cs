using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using Chasqui.Protocol.Json;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Cluster;

/// <summary>A conversation has reached a position: by an event, or by a removal.</summary>
internal readonly record struct ReachedPosition(ConversationId Conversation, StreamPosition Position, ServerEvent? Event = null);

/// <summary>
/// What one server publishes to all others: news, or a heartbeat. It is never sent again: a server that misses one reads the
/// database. On the wire it is the id of the server (16 bytes, big-endian), which lets a server skip its own messages without
/// parsing them, and this record as JSON.
/// </summary>
internal sealed record BackplaneMessage
{
    private const int ServerBytes = 16;

    // Escaped, letters outside of ASCII would be two or three times as long.
    private static readonly BackplaneJsonContext Json = new(
        new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    [JsonIgnore]
    public Guid Server { get; init; }

    /// <summary>One more than in the server's message before it; the same in a heartbeat. Any other number means a gap.</summary>
    public required long Number { get; init; }

    public IReadOnlyList<ReachedPosition> Events { get; init; } = [];

    public bool MembersChanged { get; init; }

    /// <summary>Whether the server stops.</summary>
    public bool IsLast { get; init; }

    [JsonIgnore]
    public bool IsHeartbeat => !MembersChanged && Events.Count == 0;

    public byte[] Encode()
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this, Json.BackplaneMessage);
        var encoded = new byte[ServerBytes + json.Length];
        Server.TryWriteBytes(encoded, bigEndian: true, out _);
        json.CopyTo(encoded, ServerBytes);
        return encoded;
    }

    /// <returns>The id of the server; an empty one when this is no backplane message.</returns>
    public static Guid ServerOf(ReadOnlySpan<byte> encoded) =>
        encoded.Length < ServerBytes ? Guid.Empty : new Guid(encoded[..ServerBytes], bigEndian: true);

    /// <exception cref="JsonException">It has another version, or is no backplane message.</exception>
    public static BackplaneMessage Decode(ReadOnlySpan<byte> encoded) =>
        encoded.Length > ServerBytes && JsonSerializer.Deserialize(encoded[ServerBytes..], Json.BackplaneMessage) is { } message
            ? message with { Server = ServerOf(encoded) }
            : throw new JsonException("It is empty.");
}

[JsonSourceGenerationOptions(Converters = [typeof(UtcTimeConverter)], GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(BackplaneMessage))]
internal sealed partial class BackplaneJsonContext : JsonSerializerContext;
