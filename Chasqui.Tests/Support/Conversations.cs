using System.Text.Json.Nodes;

namespace Chasqui.Tests.Support;

public static class Conversations
{
    /// <summary>Opens a conversation of any kind and gives the answer.</summary>
    public static async Task<JsonNode> OpenAsync(this Person caller, string type, string[] identifiers, string? name = null)
    {
        var body = new JsonObject
        {
            ["conversation_type"] = type,
            ["participant_ids"] = new JsonArray([.. identifiers.Select(identifier => JsonValue.Create(identifier))]),
        };
        if (name is not null)
        {
            body["name"] = name;
        }

        return await (await caller.PostAsync("/api/conversations", body)).ReadAsync(200);
    }
}
