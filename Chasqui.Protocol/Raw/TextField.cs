using System.Text;
using System.Text.Json;

namespace Chasqui.Protocol.Raw;

/// <summary>The state of one field of a frame.</summary>
internal enum FieldState
{
    Absent,
    Null,
    Mistyped,
    Read,
}

/// <summary>A field that holds text.</summary>
internal struct TextField
{
    public FieldState State;
    public string? Value;

    /// <param name="reader">Stands at the field's name.</param>
    /// <param name="known">Likely texts: if it is one of them, no string is allocated.</param>
    /// <returns><see langword="false"/> when the field stood in the frame before.</returns>
    public bool TryRead(ref Utf8JsonReader reader, ReadOnlySpan<KnownText> known = default)
    {
        if (State != FieldState.Absent)
        {
            return false;
        }

        reader.Read();
        State = reader.TokenType switch
        {
            JsonTokenType.Null => FieldState.Null,
            JsonTokenType.String when TryFind(ref reader, known, out Value) || TryGetString(ref reader, out Value) => FieldState.Read,
            _ => FieldState.Mistyped,
        };
        reader.Skip();
        return true;
    }

    public static bool TextIs(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        try
        {
            return reader.ValueTextEquals(utf8);
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate: valid JSON, but no valid text.
            return false;
        }
    }

    public static bool TryGetString(ref Utf8JsonReader reader, out string? value)
    {
        try
        {
            value = reader.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate: valid JSON, but it cannot be stored or sent as UTF-8.
            value = null;
            return false;
        }
    }

    private static bool TryFind(ref Utf8JsonReader reader, ReadOnlySpan<KnownText> known, out string? value)
    {
        foreach (var text in known)
        {
            if (TextIs(ref reader, text.Utf8))
            {
                value = text.Value;
                return true;
            }
        }

        value = null;
        return false;
    }
}

/// <summary>A text and its UTF-8.</summary>
internal sealed record KnownText(string Value)
{
    public byte[] Utf8 { get; } = Encoding.UTF8.GetBytes(Value);
}
