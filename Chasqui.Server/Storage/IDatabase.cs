using System.Data.Common;
using Chasqui.Server.Configuration;

namespace Chasqui.Server.Storage;

/// <summary>Where everything is stored: SQLite in the server's own folder, or a PostgreSQL that many servers share.</summary>
internal interface IDatabase
{
    /// <summary>Where it is, for people. Without passwords.</summary>
    string Location { get; }

    /// <summary>See <see cref="Storage.Epoch"/>; known once it is open.</summary>
    string Epoch { get; }

    /// <summary>Connections that are kept for reading, ready with their statements (see <see cref="ReadSessions"/>).</summary>
    int KeptReadSessions { get; }

    /// <summary>Connections for reading. They come from a pool and are never used to write.</summary>
    DbDataSource CreateReaders();

    /// <summary>Makes what is not there yet, and brings it to this version.</summary>
    /// <param name="attachToRunningServer">For a command: there has to be one of this version, and its server may be running.</param>
    /// <exception cref="StartupException">It cannot be used.</exception>
    void Open(bool attachToRunningServer);

    /// <summary>Opens the connection that writes.</summary>
    /// <param name="attachToRunningServer">As above: then what the server does between its commits is left to the server.</param>
    /// <exception cref="DbException">It cannot be opened.</exception>
    WriteSession OpenWriter(bool attachToRunningServer);

    /// <summary>Lets another server have it. Called once nothing is read or written any more.</summary>
    void Close();
}
