namespace Chasqui.Tests.Fuzzing;

/// <summary>The server did what it must not.</summary>
internal sealed class FindingException(string what, Exception? cause = null) : Exception(what, cause);
