using Chasqui.Server.Accounts;

namespace Chasqui.Server.Conversations;

/// <summary>
/// The users that a request names. An e-mail address may name a user only where that does something that its owner sees: nobody
/// can try addresses without a trace.
/// </summary>
internal sealed class NamedUsers
{
    private readonly IReadOnlyList<(string Identifier, UserId? User)> _named;

    private NamedUsers(IReadOnlyList<(string Identifier, UserId? User)> named)
    {
        _named = named;
        Users = [.. named.Select(each => each.User).OfType<UserId>()];
        Unknown = NameUnknown();
    }

    public HashSet<UserId> Users { get; }

    /// <summary>
    /// An identifier that names no user. Where only addresses are unknown, all of them, so that none is tried by another one.
    /// </summary>
    public string? Unknown { get; }

    public static bool IsAddress(string identifier) => identifier.Contains('@', StringComparison.Ordinal);

    public static async Task<NamedUsers> FindAsync(
        UserStore users, IReadOnlyList<string?> identifiers, CancellationToken cancellationToken)
    {
        string[] distinct = [.. identifiers.OfType<string>().Distinct(StringComparer.Ordinal)];
        return new NamedUsers([.. distinct.Zip(await users.ResolveAsync(distinct, cancellationToken))]);
    }

    /// <summary>
    /// How many others are named: every e-mail address counts as one, whether or not it names anybody, or somebody who is named
    /// in another way too.
    /// </summary>
    public int CountWithout(UserId caller) =>
        Others(caller).DistinctBy(each => IsAddress(each.Identifier) ? each.Identifier : (object?)each.User ?? each.Identifier).Count();

    /// <summary>
    /// The addresses beside other identifiers, as if they were unknown: whether they name the same user is not told.
    /// </summary>
    public string? AddressBesides(UserId caller) => Others(caller).Skip(1).Any() ? Addresses() : null;

    private IEnumerable<(string Identifier, UserId? User)> Others(UserId caller) => _named.Where(each => each.User != caller);

    private string? NameUnknown()
    {
        string[] unknown = [.. _named.Where(each => each.User is null).Select(each => each.Identifier)];
        return unknown.FirstOrDefault(identifier => !IsAddress(identifier)) ?? (unknown.Length == 0 ? null : Addresses());
    }

    private string? Addresses()
    {
        string[] addresses = [.. _named.Select(each => each.Identifier).Where(IsAddress)];
        return addresses.Length == 0 ? null : string.Join("' or '", addresses);
    }
}
