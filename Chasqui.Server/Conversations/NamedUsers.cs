using Chasqui.Server.Accounts;

namespace Chasqui.Server.Conversations;

/// <summary>
/// The users that a request names. An e-mail address names a user only where that does something that the user sees: addresses
/// cannot be tried without a trace.
/// </summary>
internal sealed class NamedUsers
{
    private readonly IReadOnlyList<(string Identifier, UserId? User)> _named;

    private NamedUsers(IReadOnlyList<(string Identifier, UserId? User)> named)
    {
        _named = named;
        Users = [.. named.Select(each => each.User).OfType<UserId>()];
    }

    public HashSet<UserId> Users { get; }

    /// <summary>An identifier, but no address, that names no user.</summary>
    public string? UnknownName => _named.FirstOrDefault(each => each.User is null && !IsAddress(each.Identifier)).Identifier;

    /// <summary>All addresses, for a sentence that puts quotes around them; <see langword="null"/> without one.</summary>
    public string? QuotableAddresses
    {
        get
        {
            string[] addresses = [.. _named.Select(each => each.Identifier).Where(IsAddress)];
            return addresses.Length == 0 ? null : string.Join("' or '", addresses);
        }
    }

    public static bool IsAddress(string identifier) => identifier.Contains('@', StringComparison.Ordinal);

    public static async Task<NamedUsers> FindAsync(
        UserStore users, IReadOnlyList<string?> identifiers, CancellationToken cancellationToken)
    {
        string[] distinct = [.. identifiers.OfType<string>().Distinct(StringComparer.Ordinal)];
        return new NamedUsers([.. distinct.Zip(await users.ResolveAsync(distinct, cancellationToken))]);
    }

    /// <summary>
    /// How many are named besides those who are members already. Each address counts, whether or not it names a user, or one who is
    /// named in another way too.
    /// </summary>
    public int CountNew(UserId caller, IReadOnlySet<UserId>? members = null) => Others(caller)
        .Where(each => IsAddress(each.Identifier) || each.User is not { } user || members?.Contains(user) != true)
        .DistinctBy(each => IsAddress(each.Identifier) ? each.Identifier : (object?)each.User ?? each.Identifier)
        .Count();

    /// <summary>The addresses, where one of them names no user: all of them, so that none is tried by another one.</summary>
    public string? UnknownAddress =>
        _named.Any(each => each.User is null && IsAddress(each.Identifier)) ? QuotableAddresses : null;

    /// <summary>
    /// The addresses next to other identifiers, as if they were unknown: whether they name the same user is not told.
    /// </summary>
    public string? AddressesNextToOthers(UserId caller) => Others(caller).Skip(1).Any() ? QuotableAddresses : null;

    private IEnumerable<(string Identifier, UserId? User)> Others(UserId caller) => _named.Where(each => each.User != caller);
}
