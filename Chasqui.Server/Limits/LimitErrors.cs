using Chasqui.Server.Errors;

namespace Chasqui.Server.Limits;

internal static class LimitErrors
{
    public static readonly Error TooManyRequests = ErrorCatalog.Of(ErrorCodes.RateLimited);

    public static readonly Error TooManyFrames =
        TooManyRequests with { Message = "Too many frames on this connection; wait before sending more" };

    public static readonly Error TooManyMembershipChanges =
        TooManyRequests with { Message = "Too many membership changes; try again later" };

    public static readonly Error TooManyAdded = TooManyRequests with { Message = "You have added too many people; try again later" };

    public static readonly Error TooMuchStored =
        TooManyRequests with { Message = "You have stored as much as you may in a day; try again later" };

    public static readonly Error TooMuchWork = TooManyRequests with { Message = "Your requests cost too much; try again later" };

    public static readonly Error TooManyRegistrations =
        TooManyRequests with { Message = "Too many registrations from this address; try again later" };

    public static readonly Error Overloaded = ErrorCatalog.Of(ErrorCodes.Overloaded) with { RetryAfterMs = 2_000 };

    public static readonly Error TooManyConnections = ErrorCatalog.Of(ErrorCodes.TooManyConnections) with { RetryAfterMs = 5_000 };

    public static readonly Error TooManyJoined = ErrorCatalog.Of(ErrorCodes.TooManyJoined);

    /// <summary>Takes from an allowance.</summary>
    /// <returns>The refusal, with the time to wait; <see langword="null"/> where the allowance has it.</returns>
    public static Error? Take(Allowance? allowance, long count, Error refusal) =>
        allowance?.Take(count) is > 0 and var wait ? refusal with { RetryAfterMs = wait } : null;
}
