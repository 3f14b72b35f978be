using System.Text.Json;

namespace Chasqui.Protocol.Raw;

/// <summary>What is known of one field of a frame.</summary>
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
            JsonTokenType.String when TryGetString(ref reader, out Value) => FieldState.Read,
            _ => FieldState.Mistyped,
        };
        reader.Skip();
        return true;
    }

    private static bool TryGetString(ref Utf8JsonReader reader, out string? value)
    {
        try
        {
            value = reader.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate: valid JSON, but no text that could be stored or sent on.
            value = null;
            return false;
        }
    }
}
