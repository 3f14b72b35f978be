namespace Chasqui.Protocol;

/// <summary>The numbers of the wire contract.</summary>
public static class ChatLimits
{
    /// <summary>
    /// A WebSocket message from a client, in bytes, unless the server is configured otherwise (see <see cref="Welcome"/>);
    /// a longer one closes the connection with 1009. A message of <see cref="MaxContentCharacters"/> fits in any JSON: escaped,
    /// a character takes up to 12 bytes (<c>\ud83d\ude00</c>).
    /// </summary>
    public const int MaxFrameBytes = 128 * 1024;

    /// <summary>A message's content, in Unicode scalar values.</summary>
    public const int MaxContentCharacters = 10_000;

    /// <summary><c>request_id</c> and <c>client_message_id</c>, in Unicode scalar values; at least 1.</summary>
    public const int MaxClientIdCharacters = 64;

    /// <summary>How far behind a <c>join</c> with <c>after</c> may be and still be replayed, in events.</summary>
    public const int MaxReplayedMessages = 1_000;

    /// <summary>Bytes of one emoji in UTF-8.</summary>
    public const int MaxEmojiBytes = 32;

    /// <summary>The most members that a conversation carries in an answer or an event.</summary>
    public const int MaxShownMembers = 100;
}
