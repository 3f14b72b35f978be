namespace Chasqui.Tests.Support;

public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("chasqui-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
