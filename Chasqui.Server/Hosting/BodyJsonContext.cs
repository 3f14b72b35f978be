using System.Text.Json.Serialization;
using Chasqui.Server.Accounts;
using Chasqui.Server.Conversations;
using Chasqui.Server.Messages;
using Chasqui.Server.Tasks;

namespace Chasqui.Server.Hosting;

/// <summary>
/// Source-generated metadata for request bodies. Every endpoint needs it when the server starts; without it the serializer uses
/// reflection. Events of the log have their <c>type</c> in answers.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(RegisterRequest))]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(PasswordChange))]
[JsonSerializable(typeof(ProfileChange))]
[JsonSerializable(typeof(NewConversation))]
[JsonSerializable(typeof(NewParticipants))]
[JsonSerializable(typeof(GroupsToLeave))]
[JsonSerializable(typeof(NewName))]
[JsonSerializable(typeof(NewContent))]
[JsonSerializable(typeof(EditedContent))]
[JsonSerializable(typeof(ReadPlace))]
[JsonSerializable(typeof(NewTask))]
[JsonSerializable(typeof(TaskChange))]
[JsonSerializable(typeof(IConversationEvent[]))]
internal sealed partial class BodyJsonContext : JsonSerializerContext;
