using System.Text;
using System.Text.Json;

namespace Chasqui.Protocol.Raw;

/// <summary>A field that holds the id of a conversation. It is read where it stands in the frame: no string is made of it.</summary>
internal struct IdField
{
    /// <summary>Longer than any id.</summary>
    private const int MostCharacters = 64;

    /// <summary>The same if each of them is escaped.</summary>
    private const int MostBytes = MostCharacters * 6;

    /// <summary>Whether there is text; what it says is in <see cref="Value"/>.</summary>
    public FieldState State;

    /// <summary>The id, or <see langword="null"/> when the text is none.</summary>
    public ConversationId? Value;

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

    private static bool TryGetId(ref Utf8JsonReader reader, out ConversationId? id)
    {
        id = null;
        var length = reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;
        if (length > MostBytes)
        {
            // No id, and perhaps not even text.
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
            && PrefixedId.TryParseText<ConversationId>(text[..Encoding.UTF8.GetChars(utf8, text)], out var read))
        {
            id = read;
        }

        return true;
    }
}
