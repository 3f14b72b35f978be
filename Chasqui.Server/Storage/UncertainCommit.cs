namespace Chasqui.Server.Storage;

/// <summary>Hears that something was perhaps written: whoever wrote it was told that it was not, and nobody else anything.</summary>
internal delegate void UncertainCommit();
