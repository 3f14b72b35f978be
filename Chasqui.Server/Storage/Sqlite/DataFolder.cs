using Chasqui.Server.Configuration;

namespace Chasqui.Server.Storage.Sqlite;

/// <summary>The folder of everything that the server keeps. Only its user can read it.</summary>
internal static class DataFolder
{
    /// <exception cref="StartupException">It cannot be made.</exception>
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
                Directory.CreateDirectory(folder, FilePermissions.Folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"Storage:DataFolder '{folder}' cannot be created: {e.Message}");
        }
    }

    /// <summary>
    /// Keeps a second server off the folder: each would tell its own clients only of what it has written itself. The system
    /// gives the lock back when the process ends, however it ends.
    /// </summary>
    /// <returns><see langword="null"/> when another server has the folder.</returns>
    public static IDisposable? TryLock(string file, out string? reason)
    {
        try
        {
            reason = null;
            return FilePermissions.Open(file, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reason = e.Message;
            return null;
        }
    }

    /// <exception cref="StartupException">There is none, as far as this user can see.</exception>
    public static void RequireDatabase(string file)
    {
        if (!File.Exists(file))
        {
            throw new StartupException($"There is no database '{file}', or it may not be read. Name the server's folder with --Storage:DataFolder.");
        }
    }

    /// <summary>SQLite would let others read a file that it makes; those it makes beside one get the mode of that one.</summary>
    /// <exception cref="StartupException">It cannot be made.</exception>
    public static void CreateDatabase(string file)
    {
        try
        {
            if (!File.Exists(file))
            {
                FilePermissions.Open(file).Dispose();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The database '{file}' cannot be created: {e.Message}");
        }
    }
}
