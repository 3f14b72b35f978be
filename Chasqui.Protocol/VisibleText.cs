using System.Globalization;
using System.Text;

namespace Chasqui.Protocol;

/// <summary>Which text people can see: a message and a name need some of it.</summary>
public static class VisibleText
{
    /// <summary>
    /// Unicode's <c>Default_Ignorable_Code_Point</c> (DerivedCoreProperties.txt, Unicode 16), and the letters that are drawn as
    /// nothing: the Braille blank and the Khitan filler. As ranges.
    /// </summary>
    private static readonly (int First, int Last)[] Invisible =
    [
        (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
        (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
        (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x16FE4, 0x16FE4), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
    ];

    /// <summary>
    /// Whether nothing of a text can be seen: it has only white space, control and format characters, and letters and marks that
    /// are drawn as nothing.
    /// </summary>
    public static bool IsBlank(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!Rune.IsWhiteSpace(rune) && !Rune.IsControl(rune) && !IsInvisible(rune))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Whether a text can be a name: something of it can be seen, it stays within its line, and it does not change the direction
    /// of the text around it. It has no control characters, no line or paragraph separators, and none of U+202A to U+202E and
    /// U+2066 to U+2069.
    /// </summary>
    public static bool IsName(string text) => !IsBlank(text) && !text.EnumerateRunes().Any(LeavesItsLine);

    /// <summary>Whether a character is a format character, or a letter or mark that is drawn as nothing.</summary>
    public static bool IsInvisible(Rune character) =>
        Rune.GetUnicodeCategory(character) == UnicodeCategory.Format
        || Array.Exists(Invisible, range => character.Value >= range.First && character.Value <= range.Last);

    private static bool LeavesItsLine(Rune character) =>
        Rune.IsControl(character)
        || character.Value is 0x2028 or 0x2029 or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
