using Chasqui.Server.Configuration;

namespace Chasqui.Server.Storage.Sqlite;

/// <summary>
/// The folder and the files of the server. Only the server's user can read them, independent of the umask. On Windows they
/// inherit the permissions of the parent folder.
/// </summary>
internal static class DataFolder
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = (UnixFileMode)0b_111_111;

    /// <summary>SQLite's shared memory and the first pages of the database and its log, in bytes.</summary>
    private const long SmallestRoom = 256 * 1024;

    // .NET puts the system's error number there: errno.h, winerror.h.
    private const int WouldBlock = 11;
    private const int WouldBlockOnMac = 35;
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int ReadOnlyFileSystem = 30;
    private const int WriteProtected = unchecked((int)0x80070013);

    public static void Create(string folder)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, OwnersFile | UnixFileMode.UserExecute);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused(folder, e);
        }
    }

    /// <summary>
    /// Locks the folder against a second server: each server sends its clients only what it has written itself. The system
    /// releases the lock when the process ends.
    /// </summary>
    /// <returns><see langword="null"/> when another server has the folder.</returns>
    public static IDisposable? TryLock(string file)
    {
        try
        {
            return OpenFile(file, FileMode.OpenOrCreate, FileOptions.DeleteOnClose);
        }
        catch (IOException e) when (e.HResult is WouldBlock or WouldBlockOnMac or SharingViolation)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused(file, e);
        }
    }

    /// <summary>What the operator does about a file or folder that the system refuses.</summary>
    public static StartupException Refused(string path, Exception e) => e switch
    {
        _ when IsFull(path) => new StartupException($"The disk of '{path}' is full: free some space.", mayPass: true),
        UnauthorizedAccessException => new StartupException(
            $"The user '{Environment.UserName}' may not write '{path}': change the owner of Storage:DataFolder and all in it with "
            + "'chown -R', or name another folder."),
        IOException { HResult: ReadOnlyFileSystem or WriteProtected } => new StartupException(
            $"The file system of '{path}' is read-only: mount it for writing, or name another folder in Storage:DataFolder."),
        _ => new StartupException($"'{path}' cannot be used as or in Storage:DataFolder: {e.Message}"),
    };

    /// <summary>Whether the disk of a path, or of the nearest folder above it that exists, has no room for a database.</summary>
    public static bool IsFull(string path)
    {
        var existing = path;
        while (existing is not null && !Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing);
        }

        try
        {
            return existing is not null && new DriveInfo(existing).AvailableFreeSpace < SmallestRoom;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public static void RequireDatabase(string file)
    {
        if (!File.Exists(file))
        {
            throw new StartupException(
                $"There is no database '{file}', or it cannot be read. Name the server's folder with --Storage:DataFolder.");
        }
    }

    /// <summary>SQLite would create the file with the mode of the umask. Its other files get the mode of this one.</summary>
    public static void CreateDatabase(string file)
    {
        if (!File.Exists(file))
        {
            OpenFile(file, FileMode.OpenOrCreate).Dispose();
        }
    }

    public static FileStream OpenFile(string file, FileMode mode, FileOptions options = FileOptions.None)
    {
        var open = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
            Options = options,
        };
        if (!OperatingSystem.IsWindows())
        {
            open.UnixCreateMode = OwnersFile;
        }

        return new FileStream(file, open);
    }

    /// <summary>
    /// Takes the server's files away from other users: a restored backup may have another mode. A folder that the server did not
    /// create may be shared on purpose, and is only logged.
    /// </summary>
    public static void RestrictModes(string folder, IEnumerable<string> files, ILogger logger)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        if (File.GetUnixFileMode(folder) is var folderMode && (folderMode & Others) != 0)
        {
            StorageLog.OpenToOthers(logger, folder, Convert.ToString((int)folderMode, toBase: 8));
        }

        foreach (var file in files.Where(File.Exists))
        {
            try
            {
                if (File.GetUnixFileMode(file) is var mode && (mode & Others) != 0)
                {
                    File.SetUnixFileMode(file, mode & ~Others);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The file of another user, or a read-only disk: the server can still serve.
                StorageLog.CannotRestrict(logger, file, e.Message);
            }
        }
    }
}
