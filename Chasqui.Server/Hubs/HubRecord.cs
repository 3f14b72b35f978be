using System.Buffers;
using System.Text.Json;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;

namespace Chasqui.Server.Hubs;

/// <summary>
/// One JSON object of SignalR's protocol. SignalR reads an argument as deep as it likes, and of a field that stands twice
/// the last one; frames and bodies are held to more than that, and so is this.
/// </summary>
internal static class HubRecord
{
    /// <summary>An argument stands in the list of arguments, and that in the record.</summary>
    private const int LevelsAround = 2;

    private static readonly byte[][] Fields =
    [
        .. new[] { "type", "invocationId", "target", "arguments", "streamIds", "headers", "item", "result", "error" }
            .Select(System.Text.Encoding.UTF8.GetBytes),
    ];

    /// <summary>What is wrong with a record that SignalR could read, or <see langword="null"/>.</summary>
    public static Error? Problem(in ReadOnlySequence<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var seen = 0;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray
                    when reader.CurrentDepth >= ChatJson.MaxDepth + LevelsAround:
                    return new Error { Code = ErrorCodes.InvalidJson, Message = "The argument is nested too deeply" };
                case JsonTokenType.PropertyName when reader.CurrentDepth == 1:
                    var field = 1 << IndexOf(ref reader);
                    if ((seen & field) != 0)
                    {
                        return new Error { Code = ErrorCodes.InvalidJson, Message = "A field stands twice in the hub message" };
                    }

                    seen |= field & ~1;
                    break;
            }
        }

        return null;
    }

    /// <returns>From 1; zero for a field that SignalR does not know.</returns>
    private static int IndexOf(ref Utf8JsonReader reader)
    {
        for (var i = 0; i < Fields.Length; i++)
        {
            if (reader.ValueTextEquals(Fields[i]))
            {
                return i + 1;
            }
        }

        return 0;
    }
}
