namespace Chasqui.Server.CommandLine;

/// <summary>A command cannot be carried out; the message is for the operator.</summary>
internal sealed class CommandException(string message) : Exception(message);
