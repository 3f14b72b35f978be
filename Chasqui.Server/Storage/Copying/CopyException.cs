namespace Chasqui.Server.Storage.Copying;

/// <summary>A copy is not made, or is none; the message is for the operator.</summary>
internal sealed class CopyException(string message) : Exception(message);
