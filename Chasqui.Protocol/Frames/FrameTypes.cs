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

    /// <summary>See <see cref="Chasqui.Protocol.EditMessage"/>.</summary>
    public const string Edit = "edit";

    /// <summary>See <see cref="Chasqui.Protocol.DeleteMessage"/>.</summary>
    public const string Delete = "delete";

    /// <summary>See <see cref="Chasqui.Protocol.React"/>.</summary>
    public const string React = "react";

    /// <summary>See <see cref="Chasqui.Protocol.Unreact"/>.</summary>
    public const string Unreact = "unreact";

    /// <summary>See <see cref="MarkRead"/>.</summary>
    public const string Read = "read";

    /// <summary>See <see cref="Chasqui.Protocol.SetTyping"/>.</summary>
    public const string Typing = "typing";

    /// <summary>See <see cref="Chasqui.Protocol.SetPresence"/>.</summary>
    public const string Presence = "presence";

    /// <summary>See <see cref="Chasqui.Protocol.Ping"/>.</summary>
    public const string Ping = "ping";
}
