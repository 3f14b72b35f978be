using System.Text.Json.Serialization;

namespace Chasqui.Bench.Baselines;

internal sealed record StockFrame(string ConversationId, string Content);

internal sealed record StockMessage(
    string Id, string ConversationId, string SenderId, string Content, string MessageType, DateTimeOffset CreatedAt);

internal sealed record StockAck(string MessageId, string ConversationId, DateTimeOffset CreatedAt);

[JsonSerializable(typeof(StockFrame))]
[JsonSerializable(typeof(StockMessage))]
[JsonSerializable(typeof(StockAck))]
internal sealed partial class StockJson : JsonSerializerContext;
