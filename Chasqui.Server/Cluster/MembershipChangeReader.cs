using System.Data.Common;
using Chasqui.Protocol;
using Chasqui.Server.Configuration;
using Chasqui.Server.Storage;
using Chasqui.Server.Transports.SignalR;

namespace Chasqui.Server.Cluster;

/// <summary>
/// Tells this server's connections who came into their conversations and who left them through another one. All of them write
/// it into the database, and each reads on from where it was.
/// </summary>
internal sealed class MembershipChangeReader(MembershipChangeStore store, LocalFanOut local, ResyncRequests resync, ServerInstance server)
{
    private long _position;

    public async Task StartAsync(CancellationToken cancellationToken) => _position = await store.LastChangeAsync(cancellationToken);

    /// <exception cref="DbException">The database does not answer.</exception>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<MembershipChangeRow> changes;
        do
        {
            changes = await store.ChangesAfterAsync(_position, cancellationToken);
            foreach (var change in changes)
            {
                // Told again where it may not have been: nothing is lost by that.
                var isTold = change.Server == server.Id && !resync.IsStorageUncertain;
                if (!isTold && await store.FindAsync(change.ConversationId, cancellationToken) is { } conversation)
                {
                    Tell(change, conversation);
                }

                _position = change.Position;
            }
        }
        while (changes.Count > 0);
    }

    private void Tell(MembershipChangeRow change, Conversation conversation)
    {
        if (change.Kind == MembershipKind.Opened)
        {
            local.Created(conversation, conversation.Participants);
            return;
        }

        local.Updated(conversation, conversation.Participants.Where(participant => change.Kind != MembershipKind.Added || participant != change.UserId));
        // Whoever has been taken out again meanwhile learns nothing of it.
        if (change.Kind == MembershipKind.Added && conversation.Participants.Contains(change.UserId))
        {
            local.Created(conversation, [change.UserId]);
        }
    }
}
