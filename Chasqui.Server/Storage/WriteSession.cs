namespace Chasqui.Server.Storage;

/// <summary>How a conversation changed, or its members.</summary>
internal enum MembershipKind
{
    /// <summary>The conversation is new, with all its members.</summary>
    Opened,

    Added,

    Left,

    Removed,

    Renamed,
}

/// <summary>The write connection, and between <see cref="Begin"/> and <see cref="Commit"/> its transaction.</summary>
internal abstract class WriteSession(DbConnection connection, bool prepares) : Session(connection, prepares)
{
    /// <summary>Whether the connection is lost. The next write needs another session.</summary>
    public virtual bool IsBroken => false;

    public abstract void Begin(IReadOnlyList<Write> batch);

    public abstract void Commit();

    /// <summary>Rolls the transaction back. The session may be broken afterwards.</summary>
    public abstract void Rollback();

    /// <summary>Stores the time at which the database last accepted a write.</summary>
    public abstract int TouchHealth(DateTimeOffset now);

    /// <summary>Called by code that appends to a table that servers poll. See <see cref="Write.IsExclusive"/>.</summary>
    /// <exception cref="InvalidOperationException">The write was not queued as exclusive.</exception>
    public virtual void RequireExclusive()
    {
    }

    /// <summary>
    /// Locks the conversations that a user is a member of or has opened, until the commit. For a write that does not know them
    /// beforehand (see <see cref="Write.Conversation"/>), before its first change.
    /// </summary>
    public virtual void LockConversationsOf(UserId user)
    {
    }

    /// <summary>Stores a change for other servers.</summary>
    public virtual void OnMembershipChange(ConversationId conversation, MembershipKind kind, UserId? user, DateTimeOffset now)
    {
    }

    /// <summary>Called after each commit, for maintenance.</summary>
    public virtual void AfterCommit(int pages)
    {
    }

    /// <summary>Called before the last session closes.</summary>
    public virtual void BeforeClose()
    {
    }

    public override void Dispose() => Close();
}
