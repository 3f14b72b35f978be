using System.Text;
using System.Text.Json;

namespace Chasqui.Protocol.Raw;

/// <summary>The field of an id. It is parsed without allocating a string.</summary>
internal struct IdField<TId>
    where TId : struct, IPrefixedId<TId>
{
    /// <summary>Longer than any id.</summary>
    private const int MostCharacters = 64;

    /// <summary>The same if each of them is escaped.</summary>
    private const int MostBytes = MostCharacters * 6;

    /// <summary>Whether the field is text; <see cref="Value"/> holds the id.</summary>
    public FieldState State;

    /// <summary>The id, or <see langword="null"/> if the text is no id.</summary>
    public TId? Value;

    /// <returns><see langword="false"/> when the field stood in the frame before.</returns>
    public bool TryRead(ref Utf8JsonReader reader)
    {
        if (State != FieldState.Absent)
        {
            return false;
        }

        reader.Read();
        State = reader.TokenType switch
        {
            JsonTokenType.Null => FieldState.Null,
            JsonTokenType.String when TryGetId(ref reader, out Value) => FieldState.Read,
            _ => FieldState.Mistyped,
        };
        reader.Skip();
        return true;
    }

    private static bool TryGetId(ref Utf8JsonReader reader, out TId? id)
    {
        id = null;
        var length = reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;
        if (length > MostBytes)
        {
            // Too long for an id; it may not even be valid text.
            return TextField.TryGetString(ref reader, out _);
        }

        Span<byte> utf8 = stackalloc byte[MostBytes];
        try
        {
            utf8 = utf8[..reader.CopyString(utf8)];
        }
        catch (InvalidOperationException)
        {
            // As in TextField.
            return false;
        }

        Span<char> text = stackalloc char[MostCharacters];
        if (utf8.Length <= MostCharacters
            && PrefixedId.TryParseText<TId>(text[..Encoding.UTF8.GetChars(utf8, text)], out var read))
        {
            id = read;
        }

        return true;
    }
}
