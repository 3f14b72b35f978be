namespace Chasqui.Server.Storage;

/// <summary>Stores messages: one statement per message in SQLite, one statement per batch in PostgreSQL.</summary>
internal abstract class MessageTable
{
    /// <summary>Part of a write. <see cref="MessageWrite.Decide"/> is called before the commit is reported.</summary>
    public abstract void Append(WriteSession session, MessageWrite append);

    /// <summary>Called by the writer thread for each committed message.</summary>
    public virtual void OnStored()
    {
    }
}
