using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Chasqui.Server.Delivery;

namespace Chasqui.Server.Cluster;

/// <summary>A message that a server has stored.</summary>
/// <param name="Message">The message.</param>
/// <param name="MembershipVersion">See <see cref="StreamPosition"/>, when it was stored.</param>
internal readonly record struct CommittedMessage(Message Message, long MembershipVersion);

/// <summary>Where a conversation stands, for servers that may have missed how it came there.</summary>
internal readonly record struct ConversationPosition(ConversationId Conversation, StreamPosition Position);

/// <summary>
/// What one server says to all others. Whoever finds that one is missing looks into the database, so that a telegram is never
/// sent again.
/// </summary>
internal sealed record BackplaneMessage
{
    private const int ServerBytes = 16;

    // Escaped, every letter beyond ASCII would be two or three times as long.
    private static readonly BackplaneJsonContext Json = new(
        new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Its place among those of its server; the same as the one before when it says nothing but that the server is there.</summary>
    public required long Number { get; init; }

    public IReadOnlyList<CommittedMessage> Messages { get; init; } = [];

    public IReadOnlyList<ConversationPosition> Positions { get; init; } = [];

    /// <summary>Whether members of conversations have changed.</summary>
    public bool MembersChanged { get; init; }

    /// <summary>Whether the server stops.</summary>
    public bool IsLast { get; init; }

    /// <summary>Whether it says more than that the server is there.</summary>
    [JsonIgnore]
    public bool IsNews => MembersChanged || Messages.Count > 0 || Positions.Count > 0;

    /// <summary>The server's id, so that it can pass over its own without reading them, and the telegram as JSON.</summary>
    public byte[] Encode(Guid server)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this, Json.BackplaneMessage);
        var encoded = new byte[ServerBytes + json.Length];
        server.TryWriteBytes(encoded, bigEndian: true, out _);
        json.CopyTo(encoded, ServerBytes);
        return encoded;
    }

    /// <returns>An empty id when it is no telegram.</returns>
    public static Guid ServerOf(ReadOnlySpan<byte> encoded) =>
        encoded.Length < ServerBytes ? Guid.Empty : new Guid(encoded[..ServerBytes], bigEndian: true);

    /// <exception cref="JsonException">It is of another version, or none.</exception>
    public static BackplaneMessage Decode(ReadOnlySpan<byte> encoded) =>
        JsonSerializer.Deserialize(encoded[ServerBytes..], Json.BackplaneMessage) ?? throw new JsonException("A telegram is null");
}

[JsonSourceGenerationOptions(Converters = [typeof(UtcTimeConverter)], GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(BackplaneMessage))]
internal sealed partial class BackplaneJsonContext : JsonSerializerContext;
