namespace Chasqui.Protocol;

/// <summary>The <c>type</c> of each frame that a raw client sends.</summary>
public static class FrameTypes
{
    /// <summary>See <see cref="Chasqui.Protocol.Hello"/>.</summary>
    public const string Hello = "hello";

    /// <summary>See <see cref="Chasqui.Protocol.Join"/>.</summary>
    public const string Join = "join";

    /// <summary>See <see cref="Chasqui.Protocol.Leave"/>.</summary>
    public const string Leave = "leave";

    /// <summary>See <see cref="Chasqui.Protocol.SendMessage"/>.</summary>
    public const string Message = "message";

    /// <summary>See <see cref="Chasqui.Protocol.Ping"/>.</summary>
    public const string Ping = "ping";
}
