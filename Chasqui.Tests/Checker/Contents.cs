using System.Globalization;

namespace Chasqui.Tests.Checker;

/// <summary>
/// The contents of the checker's messages. A content follows from its key: records hold keys instead of texts, and can still be
/// compared character by character.
/// </summary>
internal static class Contents
{
    private static readonly string[] Tails =
    [
        " hola", " what does \"durable\" mean?", " a\\b\tc", " ¿Qué tal? Ñandú", " 日本語のメッセージ", " 🦙🦙",
        " " + new string('x', 60), " " + new string('y', 120), " line one\nline two", " {\"type\":\"Ack\",\"seq\":1}", " .",
        " " + string.Concat(Enumerable.Repeat("chasqui ", 25)),
    ];

    public static string Of(MessageKey key) => Id(key) + Tails[key.Number % Tails.Length];

    /// <summary>The <c>client_message_id</c>.</summary>
    public static string Id(MessageKey key) => string.Create(CultureInfo.InvariantCulture, $"{key.Sender}-{key.Number}");

    /// <returns>The key whose content this is; <see cref="MessageKey.Unknown"/> for any other text.</returns>
    public static MessageKey KeyOf(string content)
    {
        var parts = content.Split(' ', 2)[0].Split('-');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var sender)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && new MessageKey(sender, number) is var key && Of(key) == content
                ? key
                : MessageKey.Unknown;
    }
}
