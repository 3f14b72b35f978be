using System.Net.Mail;

namespace Chasqui.Server.Accounts;

/// <summary>The rules for usernames and e-mail addresses, and when two are the same.</summary>
internal static class AccountRules
{
    public const int MaxUsernameCharacters = 64;

    /// <summary>RFC 5321, 4.5.3.1.3, less the angle brackets.</summary>
    public const int MaxEmailCharacters = 254;

    /// <summary>
    /// Invisible letters and marks (Unicode's <c>Default_Ignorable_Code_Point</c>, and the Khitan filler), as ranges. With one of
    /// them a name would look like another user's.
    /// </summary>
    private static readonly (int First, int Last)[] Invisible =
    [
        (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F),
        (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8),
        (0x16FE4, 0x16FE4), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
    ];

    /// <summary>Letters of any script, with the marks that some scripts use for vowels.</summary>
    public static bool IsUsername(string username)
    {
        var count = 0;
        foreach (var rune in username.EnumerateRunes())
        {
            if (IsInvisible(rune) || (!Rune.IsLetter(rune) && (count == 0 || !IsMark(rune))))
            {
                return false;
            }

            count++;
        }

        return count is >= 1 and <= MaxUsernameCharacters;
    }

    public static bool IsEmail(string email) =>
        email.Length <= MaxEmailCharacters
        && !email.EnumerateRunes().Any(rune => Rune.IsWhiteSpace(rune) || Rune.IsControl(rune) || IsInvisible(rune))
        && MailAddress.TryCreate(email, out var address)
        && address.Address == email
        && address.DisplayName.Length == 0;

    /// <summary>Sorts after every letter, in UTF-8 as in UTF-32.</summary>
    public const string AfterAllLetters = "\U0010FFFF";

    /// <summary>Two names are the same when their keys are.</summary>
    public static string Key(string name) => Fold(name, NormalizationForm.FormKC);

    /// <summary>The key without accents.</summary>
    public static string SearchKey(string name)
    {
        var key = new StringBuilder(name.Length);
        foreach (var rune in Fold(name, NormalizationForm.FormKD).EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
            {
                key.Append(rune);
            }
        }

        return key.ToString();
    }

    /// <summary>
    /// Normalizing takes a time that can grow with the square of the length; a name that is too long is no user's.
    /// </summary>
    private static string Fold(string name, NormalizationForm form) => name.Length > MaxEmailCharacters ? Storable(name)
        : Storable(name).Normalize(form).ToUpperInvariant().ToLowerInvariant();

    /// <summary>Replaces what Normalize throws at, and what PostgreSQL cannot store as text.</summary>
    private static string Storable(string name) => name.Replace('\uFFFE', '\uFFFD').Replace('\0', '\uFFFD');

    private static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format
        || Invisible.Any(range => rune.Value >= range.First && rune.Value <= range.Last);

    private static bool IsMark(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
