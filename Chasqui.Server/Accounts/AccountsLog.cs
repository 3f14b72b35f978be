namespace Chasqui.Server.Accounts;

/// <summary>
/// Logins and failed logins (OWASP ASVS 5.0, V16.3.1). Never the typed name: people mix up the fields, and it may be their
/// password. A line about a login costs its sender a password hash, so that a client cannot flood the log.
/// </summary>
internal static partial class AccountsLog
{
    [LoggerMessage(1, LogLevel.Information, "{User} registered from {Address}")]
    public static partial void Registered(ILogger logger, UserId user, IPAddress address);

    [LoggerMessage(2, LogLevel.Information, "{User} logged in from {Address}")]
    public static partial void LoggedIn(ILogger logger, UserId user, IPAddress address);

    [LoggerMessage(3, LogLevel.Information, "A wrong password for {User} came from {Address}")]
    public static partial void WrongPassword(ILogger logger, UserId user, IPAddress address);

    [LoggerMessage(4, LogLevel.Information, "A password for an unknown account came from {Address}")]
    public static partial void UnknownAccount(ILogger logger, IPAddress address);

    [LoggerMessage(5, LogLevel.Information, "{User} is disabled and could not log in from {Address}")]
    public static partial void Disabled(ILogger logger, UserId user, IPAddress address);

    [LoggerMessage(6, LogLevel.Information, "{User} changed the password from {Address}")]
    public static partial void PasswordChanged(ILogger logger, UserId user, IPAddress address);

    [LoggerMessage(7, LogLevel.Information, "{User} logged out")]
    public static partial void LoggedOut(ILogger logger, UserId user);

    [LoggerMessage(8, LogLevel.Information, "{User} logged out everywhere")]
    public static partial void LoggedOutEverywhere(ILogger logger, UserId user);

    [LoggerMessage(9, LogLevel.Information, "{User} ended a session")]
    public static partial void SessionEnded(ILogger logger, UserId user);
}
