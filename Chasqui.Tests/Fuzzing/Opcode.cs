namespace Chasqui.Tests.Fuzzing;

/// <summary>RFC 6455, 5.2.</summary>
internal static class Opcode
{
    public const byte Continuation = 0;
    public const byte Text = 1;
    public const byte Binary = 2;
    public const byte Close = 8;
    public const byte Ping = 9;
    public const byte Pong = 10;

    public static readonly byte[] Unknown = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];
}
