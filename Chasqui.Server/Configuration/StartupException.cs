namespace Chasqui.Server.Configuration;

/// <summary>The server cannot start; the message is for the operator and says what to do.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="mayPass">Whether the cause may pass, so that a service manager may start the server again.</param>
internal sealed class StartupException(string message, bool mayPass = false) : Exception(message)
{
    /// <summary>See <see cref="ExitCodes"/>.</summary>
    public int ExitCode => mayPass ? ExitCodes.Unavailable : ExitCodes.CannotStart;
}
