namespace Chasqui.Tests.Checker;

/// <summary>Names one message for ever: who said it, and which of that client's it was, from 0.</summary>
internal readonly record struct MessageKey(int Sender, int Number)
{
    /// <summary>A content that no client of the checker wrote.</summary>
    public static readonly MessageKey Unknown = new(-1, -1);
}
