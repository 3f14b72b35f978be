using Chasqui.Server.Configuration;

namespace Chasqui.Server.Storage;

/// <summary>SQLite in the server's data folder, or a PostgreSQL database that several servers share.</summary>
internal interface IDatabase
{
    /// <summary>For the log and for messages to the operator. Without passwords.</summary>
    string Location { get; }

    /// <summary>Whether other servers may write to it.</summary>
    bool IsShared { get; }

    /// <summary>The database file, or <see langword="null"/> for a database of another program.</summary>
    string? DatabaseFile { get; }

    /// <summary>Set by <see cref="Open"/>. See <see cref="Storage.Epoch"/>.</summary>
    string Epoch { get; }

    /// <summary>Read connections that <see cref="ReadSessions"/> keeps with their prepared statements.</summary>
    int KeptReadSessions { get; }

    /// <summary>A pool of connections that only read.</summary>
    DbDataSource CreateReaders();

    MessageTable CreateMessageTable();

    /// <summary>Creates or upgrades the database.</summary>
    /// <param name="attachToRunningServer">
    /// For a command: the database must exist in this version. A server may run on it, and does the checkpoints.
    /// </param>
    /// <exception cref="StartupException">The database cannot be used.</exception>
    void Open(bool attachToRunningServer);

    /// <summary>Opens the write connection.</summary>
    /// <exception cref="DbException">It cannot be opened.</exception>
    WriteSession OpenWriter(bool attachToRunningServer);

    /// <summary>Releases the database for another server. Called when nothing reads or writes any more.</summary>
    void Close();
}
