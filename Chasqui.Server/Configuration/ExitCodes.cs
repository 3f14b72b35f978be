namespace Chasqui.Server.Configuration;

/// <summary>The exit codes of the process; the numbers are those of <c>sysexits.h</c>.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>A command was refused; its message says why.</summary>
    public const int Refused = 1;

    /// <summary>The command line has an unknown command or option.</summary>
    public const int WrongUsage = 64;

    /// <summary>A command names a user that does not exist.</summary>
    public const int UnknownUser = 67;

    /// <summary>Something that the server needs is unavailable for now; the operator can try again.</summary>
    public const int NotNow = 69;

    /// <summary>The disk failed.</summary>
    public const int StorageFailed = 74;

    /// <summary>A command was stopped before it was done; it can be given again.</summary>
    public const int Stopped = 75;

    /// <summary>The configuration or the data do not let the server start.</summary>
    public const int CannotStart = 78;
}
