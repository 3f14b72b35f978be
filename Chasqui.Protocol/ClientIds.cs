namespace Chasqui.Protocol;

/// <summary>Ids that clients choose: <c>request_id</c> and <c>client_message_id</c>.</summary>
public static class ClientIds
{
    /// <summary>Whether an id has 1 to <see cref="ChatLimits.MaxClientIdCharacters"/> Unicode scalar values.</summary>
    public static bool IsValid(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return id.Length > 0 && (id.Length <= ChatLimits.MaxClientIdCharacters
            || id.EnumerateRunes().Count() <= ChatLimits.MaxClientIdCharacters);
    }
}
