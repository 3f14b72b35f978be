namespace Chasqui.Server.Configuration;

/// <summary>The exit codes of the process, as in <c>sysexits.h</c>.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>A command was refused.</summary>
    public const int Refused = 1;

    /// <summary>The command line is wrong.</summary>
    public const int WrongUsage = 64;

    /// <summary>A command names a user that does not exist.</summary>
    public const int UnknownUser = 67;

    /// <summary>Something that the server needs is not available now. A later try may succeed.</summary>
    public const int Unavailable = 69;

    /// <summary>The database cannot be read or written, or the disk failed.</summary>
    public const int StorageFailed = 74;

    /// <summary>A command was stopped before it was done. It can be run again.</summary>
    public const int Stopped = 75;

    /// <summary>The server cannot start with this configuration or data.</summary>
    public const int CannotStart = 78;
}
