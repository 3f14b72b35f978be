using Chasqui.Protocol;
using Chasqui.Server.Errors;

namespace Chasqui.Server.Limits;

/// <summary>How whoever asks for too much is refused.</summary>
internal static class LimitErrors
{
    public static readonly Error TooManyFrames =
        new() { Code = ErrorCodes.RateLimited, Message = "This connection sends more frames than the server takes from one" };

    public static readonly Error TooManyRequests = ErrorCatalog.Of(ErrorCodes.RateLimited);

    public static readonly Error TooManyMembershipChanges = new()
    {
        Code = ErrorCodes.RateLimited,
        Message = "You change memberships faster than the server can tell everybody",
    };

    public static readonly Error TooManyRegistrations =
        new() { Code = ErrorCodes.RateLimited, Message = "More accounts are registered from here than the server takes" };

    public static readonly Error TooManyConnections = ErrorCatalog.Of(ErrorCodes.TooManyConnections) with { RetryAfterMs = 5_000 };

    public static readonly Error TooManyJoined = ErrorCatalog.Of(ErrorCodes.TooManyJoined);
}
