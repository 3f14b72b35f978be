using System.Text.Json;

namespace Chasqui.Protocol.Raw;

/// <summary>A field that holds a whole number from 0.</summary>
internal struct NumberField
{
    public FieldState State;
    public long Value;

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
            JsonTokenType.Number when reader.TryGetInt64(out Value) && Value >= 0 => FieldState.Read,
            _ => FieldState.Mistyped,
        };
        reader.Skip();
        return true;
    }
}
