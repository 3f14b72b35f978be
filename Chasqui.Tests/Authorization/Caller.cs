namespace Chasqui.Tests.Authorization;

/// <summary>The columns of the <see cref="Matrix"/>.</summary>
public enum Caller
{
    Nobody,
    Expired,
    Ended,
    Stranger,
    Removed,
    Member,
    Owner,

    /// <summary>A member whose token expires once a socket is open.</summary>
    Expires,

    /// <summary>A member who logs out once a socket is open.</summary>
    Ends,
}
