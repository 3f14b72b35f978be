namespace Chasqui.Server.Accounts;

/// <summary>One attempt to log in. It counts as a failure until it is known to be none.</summary>
internal sealed class LoginAttempt
{
    private bool _settled;

    /// <summary>When to try again, if this attempt is refused.</summary>
    public int? RetryAfterMs { get; init; }

    public Action OnSucceeded { get; init; } = () => { };

    public Action OnWithdrawn { get; init; } = () => { };

    /// <summary>The password was right.</summary>
    public void Succeed() => Settle(OnSucceeded);

    /// <summary>No password was checked.</summary>
    public void Withdraw() => Settle(OnWithdrawn);

    private void Settle(Action how)
    {
        if (!_settled)
        {
            _settled = true;
            how();
        }
    }
}
