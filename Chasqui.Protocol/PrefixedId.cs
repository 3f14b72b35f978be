using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Chasqui.Protocol;

/// <summary>An id that is written as <c>prefix:uuid</c> and read with its prefix or bare.</summary>
/// <typeparam name="TSelf">The id itself.</typeparam>
public interface IPrefixedId<TSelf>
    where TSelf : struct, IPrefixedId<TSelf>
{
    /// <summary>The text before the uuid, with its colon.</summary>
    static abstract string Prefix { get; }

    /// <summary>A second prefix that is accepted on input, or <see langword="null"/>.</summary>
    static virtual string? Alias => null;

    /// <summary>The uuid; UUIDv7 for ids that a server made.</summary>
    Guid Value { get; }

    /// <summary>Wraps a uuid.</summary>
    static abstract TSelf From(Guid value);
}

/// <summary>Reads and writes prefixed ids, one implementation for all of them.</summary>
public static class PrefixedId
{
    private const int UuidLength = 36;

    private static readonly SearchValues<char> UuidLetters = SearchValues.Create("0123456789abcdefABCDEF-");

    /// <summary>
    /// Reads <c>prefix:uuid</c>, <c>alias:uuid</c> or a bare uuid. Prefixes are lower case, a uuid may be either.
    /// </summary>
    /// <returns><see langword="false"/> when the text is none of these; nothing is thrown.</returns>
    public static bool TryParse<TId>([NotNullWhen(true)] string? text, out TId id)
        where TId : struct, IPrefixedId<TId> => TryParseText(text, out id);

    /// <summary>The same for a span.</summary>
    internal static bool TryParseText<TId>(ReadOnlySpan<char> text, out TId id)
        where TId : struct, IPrefixedId<TId>
    {
        var uuid = text;
        if (uuid.StartsWith(TId.Prefix, StringComparison.Ordinal))
        {
            uuid = uuid[TId.Prefix.Length..];
        }
        else if (TId.Alias is { } alias && uuid.StartsWith(alias, StringComparison.Ordinal))
        {
            uuid = uuid[alias.Length..];
        }

        // Guid.TryParseExact also accepts white space around a uuid, and signs and '0x' inside.
        var value = default(Guid);
        var parsed = !uuid.ContainsAnyExcept(UuidLetters) && Guid.TryParseExact(uuid, "D", out value);
        id = TId.From(value);
        return parsed;
    }

    /// <summary>Writes <c>prefix:uuid</c>, lower case.</summary>
    public static string Format<TId>(TId id)
        where TId : struct, IPrefixedId<TId> => $"{TId.Prefix}{id.Value:D}";

    /// <summary>Writes <c>prefix:uuid</c> as UTF-8; <paramref name="destination"/> must hold the prefix and 36 bytes.</summary>
    /// <returns>The number of bytes written.</returns>
    public static int FormatUtf8<TId>(TId id, Span<byte> destination)
        where TId : struct, IPrefixedId<TId>
    {
        var prefix = System.Text.Encoding.ASCII.GetBytes(TId.Prefix, destination);
        Utf8Formatter.TryFormat(id.Value, destination[prefix..], out _, 'D');
        return prefix + UuidLength;
    }
}
