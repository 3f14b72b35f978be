using System.Text;
using System.Text.Unicode;

namespace Chasqui.Tests.Fuzzing;

/// <summary>Small damage to bytes that were right.</summary>
internal static class Mutations
{
    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "{", "}", "[", "]", "\"", ",", ":", "\\", "\\u", "\\ud800", "\\udc00", "\\u0000", "\0", "\n", "\uFEFF", "null", "true", "-", "-0",
            "0", "1e400", "-1e-400", "9223372036854775808", "18446744073709551616", "99999999999999999999999999", "0.1", "NaN", "/**/",
            "\"type\":", "\"request_id\":", "\"content\":", "é", "🦙", "\u202E", new string(' ', 300), new string('9', 400),
        }.Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>One to four changes.</summary>
    public static byte[] Mutate(Random random, ReadOnlySpan<byte> seed)
    {
        var bytes = seed.ToArray();
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            bytes = Change(random, bytes);
        }

        return bytes;
    }

    /// <summary>The same, but still UTF-8: a byte that would end the connection becomes a question mark.</summary>
    public static byte[] MutateText(Random random, ReadOnlySpan<byte> seed)
    {
        var bytes = Mutate(random, seed);
        if (!Utf8.IsValid(bytes))
        {
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = bytes[i] < 0x80 ? bytes[i] : (byte)'?';
            }
        }

        return bytes;
    }

    private static byte[] Change(Random random, byte[] bytes)
    {
        var at = random.Next(bytes.Length + 1);
        var rest = bytes.Length - at;
        var few = random.Next(Math.Min(rest, 12) + 1);
        switch (random.Next(9))
        {
            case 0 when rest > 0: // a bit
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1 when rest > 0: // a byte
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2: // less
                return [.. bytes[..at], .. bytes[(at + few)..]];
            case 3: // twice
                return [.. bytes[..(at + few)], .. bytes[at..]];
            case 4: // cut off
                return bytes[..at];
            case 5: // swapped
                return [.. bytes[(at + few)..], .. bytes[at..(at + few)], .. bytes[..at]];
            case 6: // random bytes in between
                var noise = new byte[random.Next(1, 9)];
                random.NextBytes(noise);
                return [.. bytes[..at], .. noise, .. bytes[at..]];
            case 7: // a token instead of something
                return [.. bytes[..at], .. Tokens[random.Next(Tokens.Length)], .. bytes[(at + few)..]];
            default: // a token in between
                return [.. bytes[..at], .. Tokens[random.Next(Tokens.Length)], .. bytes[at..]];
        }
    }
}
