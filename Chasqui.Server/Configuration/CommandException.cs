namespace Chasqui.Server.Configuration;

/// <summary>A command cannot be carried out. The message is for the operator.</summary>
internal sealed class CommandException(string message, int exitCode = ExitCodes.Refused) : Exception(message)
{
    /// <summary>See <see cref="ExitCodes"/>.</summary>
    public int ExitCode => exitCode;
}
