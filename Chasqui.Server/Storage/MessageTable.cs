namespace Chasqui.Server.Storage;

/// <summary>How a message is stored: the one thing that SQLite and PostgreSQL have to be asked for in different ways.</summary>
internal abstract class MessageTable
{
    /// <summary>
    /// Decides about one message and stores it, as part of a write: <see cref="MessageWrite.Decide"/> is called before the
    /// commit is reported.
    /// </summary>
    public abstract void Append(WriteSession session, MessageWrite append);

    /// <summary>Called by the writer for each message that it has committed.</summary>
    public virtual void OnStored()
    {
    }
}
