using Chasqui.Protocol;

namespace Chasqui.Server.Storage;

/// <summary>Hears of a conversation that was perhaps written to: its writer was told that it was not, and nobody else anything.</summary>
internal delegate void InDoubt(ConversationId conversation);
