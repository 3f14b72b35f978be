using Chasqui.Protocol.Json;

namespace Chasqui.Server.Transports.SignalR;

/// <summary>
/// One JSON object of SignalR's protocol. SignalR accepts any depth and takes the last of duplicate fields; frames and bodies are
/// checked for both, and so is this.
/// </summary>
internal static class HubRecord
{
    /// <summary>The record and the list of arguments.</summary>
    private const int LevelsAround = 2;

    /// <summary>What is wrong with a record that SignalR could read, or <see langword="null"/>.</summary>
    public static Error? Problem(in ReadOnlySequence<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray
                && reader.CurrentDepth >= ChatJson.MaxDepth + LevelsAround)
            {
                return new Error { Code = ErrorCodes.InvalidJson, Message = "The argument is nested too deeply" };
            }
        }

        return ChatJson.HasFieldTwice(json)
            ? new Error { Code = ErrorCodes.InvalidJson, Message = "The hub message has a duplicate field" }
            : null;
    }
}
