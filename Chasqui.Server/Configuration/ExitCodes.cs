namespace Chasqui.Server.Configuration;

/// <summary>What the process says when it ends; the numbers are those of <c>sysexits.h</c>.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>A command was not carried out, and says why.</summary>
    public const int Refused = 1;

    /// <summary>The command line names something that there is not.</summary>
    public const int WrongUsage = 64;

    /// <summary>A command names a user that nobody is.</summary>
    public const int UnknownUser = 67;

    /// <summary>Something that the server needs is not to be had at the moment; the same can be tried again.</summary>
    public const int NotNow = 69;

    /// <summary>The disk failed under the server.</summary>
    public const int StorageFailed = 74;

    /// <summary>A command was told to stop before it was done; it can be given again.</summary>
    public const int Stopped = 75;

    /// <summary>The configuration or the data do not let the server start.</summary>
    public const int CannotStart = 78;
}
