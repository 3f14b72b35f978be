namespace Chasqui.Bench.Servers;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("chasqui-bench-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
