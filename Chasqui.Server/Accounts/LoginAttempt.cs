namespace Chasqui.Server.Accounts;

/// <summary>One attempt to log in. It counts as a failure until it is known to be none.</summary>
internal sealed class LoginAttempt
{
    /// <summary>When to try again, if this attempt is refused.</summary>
    public int? RetryAfterMs { get; init; }

    /// <summary>The password was right.</summary>
    public Action Succeed { get; init; } = () => { };

    /// <summary>No password was checked.</summary>
    public Action Withdraw { get; init; } = () => { };
}
