using Chasqui.Server.Storage;

namespace Chasqui.Server.Presence;

internal sealed class TypingStore(ReadSessions sessions)
{
    private const string MemberAndHiddenSql = """
        SELECT user_id FROM participants WHERE conversation_id = @conversation AND user_id = @user
        UNION ALL
        SELECT p.user_id FROM blocks b JOIN participants p ON p.conversation_id = @conversation AND p.user_id = b.blocked_id
        WHERE b.user_id = @user
        """;

    /// <returns>The members whom the user has blocked; <see langword="null"/> when the user is no member.</returns>
    public async Task<IReadOnlyCollection<UserId>?> HiddenFromAsync(
        ConversationId conversation, UserId user, CancellationToken cancellationToken)
    {
        using var session = await sessions.RentAsync(cancellationToken);
        var found = await session.Connection().QueryAsync<UserId>(
            new CommandDefinition(MemberAndHiddenSql, new { conversation, user }, cancellationToken: cancellationToken));
        var members = found.ToHashSet();
        return members.Remove(user) ? members : null;
    }
}
