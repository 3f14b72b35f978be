using Chasqui.Server.Accounts;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Messages;

/// <summary>Finds the members whom a message mentions: <c>@Name</c>, where no letter follows.</summary>
internal sealed class Mentions(DbDataSource readers)
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

        string[] names = [.. NamesIn(content).Select(AccountRules.Key).Distinct().Take(MaxNames)];
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

    /// <summary>Usernames are letters of any plane, with marks that belong to them. Before the <c>@</c> stands no word.</summary>
    private static IEnumerable<string> NamesIn(string content)
    {
        for (var at = content.IndexOf('@', StringComparison.Ordinal); at >= 0; at = content.IndexOf('@', at + 1))
        {
            var name = content.AsSpan(at + 1);
            var length = 0;
            while (Rune.DecodeFromUtf16(name[length..], out var rune, out var units) == OperationStatus.Done && IsOfName(rune))
            {
                length += units;
            }

            if (length > 0 && !(Rune.DecodeLastFromUtf16(content.AsSpan(0, at), out var before, out _) == OperationStatus.Done
                && (IsOfName(before) || Rune.IsDigit(before) || before.Value == '_')))
            {
                yield return name[..length].ToString();
            }
        }
    }

    private static bool IsOfName(Rune rune) => Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    private sealed record Mentioned
    {
        public UserId Id { get; init; }

        public required string UsernameKey { get; init; }
    }
}
