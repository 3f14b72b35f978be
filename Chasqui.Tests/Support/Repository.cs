namespace Chasqui.Tests.Support;

/// <summary>The checkout that these tests were built from.</summary>
public static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "Chasqui.sln")) ? folder : Find(Path.GetDirectoryName(folder.TrimEnd('/'))!);
}
