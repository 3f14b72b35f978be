using System.Collections.Frozen;
using System.Net.Mail;

namespace Chasqui.Server.Accounts;

/// <summary>The rules for usernames and e-mail addresses, and when two are the same.</summary>
internal static class AccountRules
{
    public const int MaxUsernameCharacters = 64;
    public const int MaxDisplayNameCharacters = 64;

    /// <summary>RFC 5321, 4.5.3.1.3, less the angle brackets.</summary>
    public const int MaxEmailCharacters = 254;

    /// <summary>Letters that Unicode does not decompose, and what is typed for them.</summary>
    private static readonly FrozenDictionary<int, string> TypedAs = new Dictionary<int, string>
    {
        ['ß'] = "ss",
        ['æ'] = "ae",
        ['œ'] = "oe",
        ['þ'] = "th",
        ['ð'] = "d",
        ['ŋ'] = "n",
        ['ı'] = "i",
        ['ȷ'] = "j",
        ['ĸ'] = "k",
        ['ɓ'] = "b",
        ['ƀ'] = "b",
        ['ȼ'] = "c",
        ['đ'] = "d",
        ['ɖ'] = "d",
        ['ɗ'] = "d",
        ['ɇ'] = "e",
        ['ǥ'] = "g",
        ['ħ'] = "h",
        ['ɨ'] = "i",
        ['ɉ'] = "j",
        ['ƙ'] = "k",
        ['ł'] = "l",
        ['ƚ'] = "l",
        ['ɫ'] = "l",
        ['ø'] = "o",
        ['ɵ'] = "o",
        ['ɍ'] = "r",
        ['ŧ'] = "t",
        ['ʉ'] = "u",
        ['ɏ'] = "y",
        ['ƴ'] = "y",
        ['ƶ'] = "z",
        ['ⱥ'] = "a",
        ['ⱦ'] = "t",
    }.ToFrozenDictionary();

    /// <summary>Letters of any script, with the marks that some scripts use for vowels.</summary>
    public static bool IsUsername(string username)
    {
        var count = 0;
        foreach (var rune in username.EnumerateRunes())
        {
            if (VisibleText.IsInvisible(rune) || (!Rune.IsLetter(rune) && (count == 0 || !IsMark(rune))))
            {
                return false;
            }

            count++;
        }

        return count is >= 1 and <= MaxUsernameCharacters;
    }

    public static bool IsDisplayName(string name) =>
        VisibleText.IsName(name) && name.EnumerateRunes().Count() <= MaxDisplayNameCharacters;

    public static bool IsEmail(string email) =>
        email.Length <= MaxEmailCharacters
        && !email.EnumerateRunes().Any(rune => Rune.IsWhiteSpace(rune) || Rune.IsControl(rune) || VisibleText.IsInvisible(rune))
        && MailAddress.TryCreate(email, out var address)
        && address.Address == email
        && address.DisplayName.Length == 0;

    /// <summary>Sorts after every letter, in UTF-8 as in UTF-32.</summary>
    public const string AfterAllLetters = "\U0010FFFF";

    /// <summary>Two names are the same when their keys are.</summary>
    public static string Key(string name) => Fold(name, NormalizationForm.FormKC);

    /// <summary>The key as people without those letters on their keyboard type it: no accents, strokes and ligatures.</summary>
    public static string SearchKey(string name)
    {
        var key = new StringBuilder(name.Length);
        foreach (var rune in Fold(name, NormalizationForm.FormKD).EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
            {
                key.Append(TypedAs.TryGetValue(rune.Value, out var typed) ? typed : rune.ToString());
            }
        }

        return key.ToString();
    }

    /// <summary>The search keys by whose beginnings a name is found: of each word with what follows it.</summary>
    public static IEnumerable<string> SearchKeys(string name)
    {
        var key = SearchKey(name);
        for (var i = 0; i < key.Length; i++)
        {
            if (!IsBetweenWords(key[i]) && (i == 0 || IsBetweenWords(key[i - 1])))
            {
                yield return key[i..];
            }
        }
    }

    private static bool IsBetweenWords(char character) => char.IsWhiteSpace(character) || char.IsPunctuation(character);

    /// <summary>
    /// Normalizing takes a time that can grow with the square of the length; a name that is too long is no user's.
    /// </summary>
    private static string Fold(string name, NormalizationForm form) => name.Length > MaxEmailCharacters ? Storable(name)
        : Storable(name).Normalize(form).ToUpperInvariant().ToLowerInvariant();

    /// <summary>Replaces what Normalize throws at, and what PostgreSQL cannot store as text.</summary>
    private static string Storable(string name) => name.Replace('\uFFFE', '\uFFFD').Replace('\0', '\uFFFD');

    private static bool IsMark(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
