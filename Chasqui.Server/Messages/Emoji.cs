namespace Chasqui.Server.Messages;

/// <summary>What may be a reaction.</summary>
internal static class Emoji
{
    private const char EmojiStyle = '\uFE0F';
    private const char Keycap = '\u20E3';

    // Unicode 16, emoji-data.txt: what is shown as an emoji without U+FE0F, below U+1F000.
    private static readonly SearchValues<char> OfTheFirstPlane = SearchValues.Create(
        "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕");

    /// <summary>Whether a text is one extended grapheme cluster that is shown as an emoji, and short enough.</summary>
    public static bool IsValid(string text) =>
        text.Length > 0
        && Encoding.UTF8.GetByteCount(text) <= ChatLimits.MaxEmojiBytes
        && StringInfo.GetNextTextElementLength(text) == text.Length
        && IsShownAsEmoji(text);

    private static bool IsShownAsEmoji(string cluster) =>
        Rune.TryGetRuneAt(cluster, 0, out var first)
        && (IsSymbol(first)
            ? first.Value is >= 0x1F000 and <= 0x1FAFF || OfTheFirstPlane.Contains(cluster[0]) || cluster.Contains(EmojiStyle)
            : cluster.Contains(Keycap) && cluster[0] is (>= '0' and <= '9') or '#' or '*');

    // Skin tones alone are modifier symbols, the arrows and a few others mathematical ones; new emojis are not assigned here.
    private static bool IsSymbol(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.OtherSymbol or UnicodeCategory.ModifierSymbol or UnicodeCategory.MathSymbol
        or UnicodeCategory.OtherPunctuation or UnicodeCategory.DashPunctuation
        || (rune.Value is >= 0x1F000 and <= 0x1FAFF);
}
