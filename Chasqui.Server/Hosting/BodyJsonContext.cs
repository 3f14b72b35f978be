using System.Text.Json.Serialization;
using Chasqui.Server.Accounts;
using Chasqui.Server.Conversations;
using Chasqui.Server.Messages;
using Chasqui.Server.Tasks;

namespace Chasqui.Server.Hosting;

/// <summary>
/// Source-generated metadata for the bodies of requests, which every endpoint asks for when the server starts; by itself the
/// serializer would look at each of them through reflection.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(RegisterRequest))]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(PasswordChange))]
[JsonSerializable(typeof(NewConversation))]
[JsonSerializable(typeof(NewParticipant))]
[JsonSerializable(typeof(NewContent))]
[JsonSerializable(typeof(NewTask))]
[JsonSerializable(typeof(TaskChange))]
internal sealed partial class BodyJsonContext : JsonSerializerContext;
