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

    /// <summary>
    /// From here to its end, this transaction alone adds rows to a table: their positions then rise in the order of the
    /// commits, and whoever reads on from the last one has missed none.
    /// </summary>
    /// <param name="table">Its name; a constant.</param>
    public abstract void OrderByCommit(string table);

    /// <summary>Writes down, where other servers have to hear of it, that somebody came or went.</summary>
    public virtual void OnMembershipChange(ConversationId conversation, MembershipKind kind, UserId? user, DateTimeOffset now)
    {
    }

    /// <summary>Called between the commits, for what has to be done now and then.</summary>
    /// <param name="weight">What the last commit has written (see <see cref="Write.Weight"/>).</param>
    public virtual void Rest(int weight)
    {
    }

    /// <summary>Called before the last session is closed.</summary>
    public virtual void Finish()
    {
    }

    public override void Dispose() => Close();
}
