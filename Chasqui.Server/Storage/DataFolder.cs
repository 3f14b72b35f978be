using Chasqui.Server.Hosting;

namespace Chasqui.Server.Storage;

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
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"Storage:DataFolder '{folder}' cannot be created: {e.Message}");
        }
    }
}
