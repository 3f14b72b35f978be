using System.Globalization;
using System.Net.Mail;
using System.Text;

namespace Chasqui.Server.Accounts;

/// <summary>What a username and an e-mail address may be, and when two are the same.</summary>
internal static class AccountRules
{
    public const int MaxUsernameCharacters = 64;

    /// <summary>RFC 5321, 4.5.3.1.3, less the angle brackets.</summary>
    public const int MaxEmailCharacters = 254;

    /// <summary>Letters of any script, with the marks that some scripts write their vowels with.</summary>
    public static bool IsUsername(string username)
    {
        var count = 0;
        foreach (var rune in username.EnumerateRunes())
        {
            if (!Rune.IsLetter(rune) && (count == 0 || !IsMark(rune)))
            {
                return false;
            }

            count++;
        }

        return count is >= 1 and <= MaxUsernameCharacters;
    }

    public static bool IsEmail(string email) =>
        email.Length <= MaxEmailCharacters
        && !email.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
        && MailAddress.TryCreate(email, out var address)
        && address.Address == email
        && address.DisplayName.Length == 0;

    /// <summary>Sorts behind every letter, in UTF-8 as in UTF-32.</summary>
    public const string BehindAllLetters = "\U0010FFFF";

    /// <summary>Two names are the same when their keys are.</summary>
    public static string Key(string name) => Fold(name, NormalizationForm.FormKC);

    /// <summary>What a name is searched by: without accents too.</summary>
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

    /// <summary>Nobody has a name that is longer than it may be, and normalizing can take a time that grows with its square.</summary>
    private static string Fold(string name, NormalizationForm form) => name.Length > MaxEmailCharacters ? name : name
        // The one character that Normalize throws at; anybody can write it into a login.
        .Replace('\uFFFE', '\uFFFD')
        .Normalize(form).ToUpperInvariant().ToLowerInvariant();

    private static bool IsMark(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
