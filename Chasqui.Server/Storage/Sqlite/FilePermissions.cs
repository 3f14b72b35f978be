namespace Chasqui.Server.Storage.Sqlite;

/// <summary>
/// Keeps the machine's other users out of the data, whatever the process's umask would let them do. On Windows a folder hands
/// its rights down, and they are the operator's.
/// </summary>
internal static class FilePermissions
{
    /// <summary>What a folder gets that the server makes.</summary>
    public const UnixFileMode Folder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode Others = (UnixFileMode)0b_111_111;

    /// <summary>Opens a file to write, and makes it where there is none.</summary>
    public static FileStream Open(string file, FileOptions options = FileOptions.None) => Open(file, FileMode.OpenOrCreate, options);

    /// <summary>Makes a file that must not be there.</summary>
    public static FileStream Create(string file) => Open(file, FileMode.CreateNew, FileOptions.None);

    private static FileStream Open(string file, FileMode mode, FileOptions options)
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
            open.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(file, open);
    }

    /// <summary>Closes what an older server, or the restoring of a backup, has left open.</summary>
    public static void Close(IEnumerable<string> files, ILogger logger)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        foreach (var file in files.Where(File.Exists))
        {
            try
            {
                var mode = File.GetUnixFileMode(file);
                if ((mode & Others) != 0)
                {
                    File.SetUnixFileMode(file, mode & ~Others);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody else's file, or a read-only disk: no reason not to serve.
                StorageLog.CannotClose(logger, file, e.Message);
            }
        }
    }

    /// <summary>A folder that the server did not make may be shared on purpose: it is left as it is, and the log tells of it.</summary>
    public static void Check(string folder, ILogger logger)
    {
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(folder) is var mode && (mode & Others) != 0)
        {
            StorageLog.OpenToOthers(logger, folder, Convert.ToString((int)mode, toBase: 8));
        }
    }
}
