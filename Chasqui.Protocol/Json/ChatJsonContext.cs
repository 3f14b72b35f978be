using System.Text.Json.Serialization;

namespace Chasqui.Protocol.Json;

/// <summary>Source-generated metadata for everything that goes over the sockets.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ClientFrame))]
[JsonSerializable(typeof(ServerEvent))]
[JsonSerializable(typeof(IConversationEvent))]
[JsonSerializable(typeof(Message[]))]
[JsonSerializable(typeof(Conversation[]))]
internal sealed partial class ChatJsonContext : JsonSerializerContext;
