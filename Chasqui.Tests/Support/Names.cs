namespace Chasqui.Tests.Support;

public static class Names
{
    private static int _last;

    /// <summary>A username that no other test has: letters only.</summary>
    public static string Next()
    {
        var digits = Interlocked.Increment(ref _last).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return "user" + string.Concat(digits.Select(digit => (char)('a' + digit - '0')));
    }
}
