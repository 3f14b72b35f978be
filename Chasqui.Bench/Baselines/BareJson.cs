using System.Text.Json.Serialization;

namespace Chasqui.Bench.Baselines;

internal sealed record BareFrame(string Type, string ConversationId, string Content);

internal sealed record BareMessage(
    string Id, string ConversationId, string SenderId, string Content, string MessageType, DateTimeOffset CreatedAt, long Seq);

internal sealed record BareEvent(string Type, BareMessage Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BareFrame))]
[JsonSerializable(typeof(BareEvent))]
internal sealed partial class BareJson : JsonSerializerContext;
