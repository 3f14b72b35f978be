using Chasqui.Server.Errors;
using Chasqui.Server.Limits;

namespace Chasqui.Server.Conversations;

/// <summary>
/// What a change of a conversation takes from the allowances of its caller; each gives the refusal, if there is one.
/// </summary>
internal static class MembershipCharges
{
    public static ProblemHttpResult? TooFast(HttpContext http, UserAllowance? allowance, int participants) =>
        Refused(http, allowance?.Memberships, ParticipantsSent(participants), LimitErrors.TooManyMembershipChanges);

    /// <summary>A change sends the participants that are shown to all.</summary>
    public static int ParticipantsSent(int participants) => participants * Math.Min(participants, ChatLimits.MaxShownMembers);

    public static ProblemHttpResult? TooManyAdded(HttpContext http, UserAllowance? allowance, int added) =>
        Refused(http, allowance?.Added, added, LimitErrors.TooManyAdded);

    public static ProblemHttpResult? TooMuchStored(HttpContext http, UserAllowance? allowance, int rows, int characters = 0) =>
        Refused(http, allowance?.Stored, (rows * FixedLimits.StoredBytesPerRow) + characters, LimitErrors.TooMuchStored);

    public static ProblemHttpResult? TooMuchWork(
        HttpContext http, UserAllowance? allowance, IReadOnlyCollection<string?> identifiers) =>
        Refused(http, allowance?.Work, identifiers.Count * FixedLimits.WorkPerIdentifier, LimitErrors.TooMuchWork);

    private static ProblemHttpResult? Refused(HttpContext http, Allowance? allowance, long count, Error error) =>
        LimitErrors.Take(allowance, count, error) is { } refused ? Refusal.For(http, refused) : null;
}
