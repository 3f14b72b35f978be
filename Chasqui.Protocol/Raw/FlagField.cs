using System.Text.Json;

namespace Chasqui.Protocol.Raw;

/// <summary>A field that holds <c>true</c> or <c>false</c>.</summary>
internal struct FlagField
{
    public FieldState State;
    public bool Value;

    /// <returns><see langword="false"/> when the field stood in the frame before.</returns>
    public bool TryRead(ref Utf8JsonReader reader)
    {
        if (State != FieldState.Absent)
        {
            return false;
        }

        reader.Read();
        Value = reader.TokenType == JsonTokenType.True;
        State = reader.TokenType switch
        {
            JsonTokenType.Null => FieldState.Null,
            JsonTokenType.True or JsonTokenType.False => FieldState.Read,
            _ => FieldState.Mistyped,
        };
        reader.Skip();
        return true;
    }
}
