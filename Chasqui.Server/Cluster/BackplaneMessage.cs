using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Chasqui.Server.Delivery;

namespace Chasqui.Server.Cluster;

/// <param name="Message">The message.</param>
/// <param name="MembershipVersion">The removals before it (see <see cref="StreamPosition"/>).</param>
internal readonly record struct CommittedMessage(Message Message, long MembershipVersion);

internal readonly record struct ConversationPosition(ConversationId Conversation, StreamPosition Position);

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

    public IReadOnlyList<CommittedMessage> Messages { get; init; } = [];

    public IReadOnlyList<ConversationPosition> Positions { get; init; } = [];

    public bool MembersChanged { get; init; }

    /// <summary>Whether the server stops.</summary>
    public bool IsLast { get; init; }

    [JsonIgnore]
    public bool IsHeartbeat => !MembersChanged && Messages.Count == 0 && Positions.Count == 0;

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
        JsonSerializer.Deserialize(encoded.Length < ServerBytes ? [] : encoded[ServerBytes..], Json.BackplaneMessage) is { } message
            ? message with { Server = ServerOf(encoded) }
            : throw new JsonException("It is null.");
}

[JsonSourceGenerationOptions(Converters = [typeof(UtcTimeConverter)], GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(BackplaneMessage))]
internal sealed partial class BackplaneJsonContext : JsonSerializerContext;
