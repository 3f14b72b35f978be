namespace Chasqui.Server.Hosting;

/// <summary>The server cannot start; the message is for the operator and says what to do.</summary>
internal sealed class StartupException(string message) : Exception(message);
