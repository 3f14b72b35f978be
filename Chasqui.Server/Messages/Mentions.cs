using System.Text.RegularExpressions;
using Chasqui.Server.Accounts;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Messages;

/// <summary>Finds the members whom a message mentions: <c>@Name</c>, where no letter follows.</summary>
internal sealed partial class Mentions(DbDataSource readers)
{
    /// <summary>More names in one message are not looked up.</summary>
    private const int MaxNames = 50;

    /// <returns>In the order of their names; <see langword="null"/> without one.</returns>
    public async ValueTask<IReadOnlyList<UserId>?> FindAsync(ConversationId conversation, string content)
    {
        if (!content.Contains('@', StringComparison.Ordinal))
        {
            return null;
        }

        string[] names = [.. Name().Matches(content).Select(match => AccountRules.Key(match.Groups[1].Value)).Distinct().Take(MaxNames)];
        if (names.Length == 0)
        {
            return null;
        }

        var members = await readers.ListAsync<Mentioned>(
            connection => $"""
                SELECT u.id, u.username_key FROM users u JOIN participants p ON p.user_id = u.id
                WHERE p.conversation_id = @conversation AND {connection.IsOneOf("u.username_key", "@names")}
                """,
            new { conversation, names },
            CancellationToken.None);
        var byName = members.ToDictionary(member => member.UsernameKey, member => member.Id, StringComparer.Ordinal);
        UserId[] found = [.. names.Where(byName.ContainsKey).Select(name => byName[name])];
        return found.Length == 0 ? null : found;
    }

    // Usernames are letters, with marks that belong to them.
    [GeneratedRegex(@"(?<![\p{L}\p{M}\p{N}_])@(\p{L}[\p{L}\p{M}]{0,255})")]
    private static partial Regex Name();

    private sealed record Mentioned
    {
        public UserId Id { get; init; }

        public required string UsernameKey { get; init; }
    }
}
