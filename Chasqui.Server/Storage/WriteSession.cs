using System.Data.Common;
using Chasqui.Protocol;

namespace Chasqui.Server.Storage;

/// <summary>The write connection, and between <see cref="Begin"/> and <see cref="Commit"/> its transaction.</summary>
internal abstract class WriteSession(DbConnection connection) : Session(connection)
{
    /// <summary>Whether nothing more can be done with it, and the next write needs another one.</summary>
    public virtual bool IsBroken => false;

    /// <summary>Begins a transaction for these writes.</summary>
    public abstract void Begin(IReadOnlyList<Write> batch);

    public abstract void Commit();

    /// <summary>Undoes what the transaction has done; the session may be broken by it.</summary>
    public abstract void Rollback();

    /// <summary>Called by whatever needs it (see <see cref="Write.IsOrdered"/>). Where nobody else writes, all is in order.</summary>
    /// <exception cref="InvalidOperationException">The write was queued as one that is not ordered.</exception>
    public virtual void RequireOrder()
    {
    }

    /// <summary>
    /// Lets no other server change the conversations that a user is in, or has opened, before the commit. For a write that
    /// cannot say beforehand which they are (see <see cref="Write.Conversation"/>), and has changed nothing yet.
    /// </summary>
    public virtual void LockConversationsOf(UserId user)
    {
    }

    /// <summary>Writes down, where other servers have to hear of it, that somebody came or went.</summary>
    public virtual void OnMembershipChange(ConversationId conversation, MembershipKind kind, UserId? user, DateTimeOffset now)
    {
    }

    /// <summary>Called between the commits, for what has to be done now and then.</summary>
    /// <param name="weight">What the last commit has written (see <see cref="Write.Weight"/>).</param>
    public virtual void AfterCommit(int weight)
    {
    }

    /// <summary>Called before the last session is closed.</summary>
    public virtual void BeforeClose()
    {
    }

    public override void Dispose() => Close();
}
