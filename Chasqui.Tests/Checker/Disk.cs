using Chasqui.Tests.Support;

namespace Chasqui.Tests.Checker;

/// <summary>A file system of its own, to fill, to copy and to cut the power of. Mounted until disposed of.</summary>
internal sealed class Disk : IDisposable
{
    private Disk(string[] mount)
    {
        Path = Directory.CreateTempSubdirectory("chasqui-disk-").FullName;
        Programs.Run("mount", [.. mount, Path]);
    }

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    /// <summary>One that is full soon.</summary>
    public static Disk InMemory(int megabytes) => new(["-t", "tmpfs", "-o", $"size={megabytes}m", "chasqui"]);

    /// <summary>The ext4 file system in an image file.</summary>
    public static Disk OfImage(string image) => new(["-t", "ext4", "-o", "loop", image]);

    public static void MakeImage(string image, int megabytes)
    {
        using (var file = File.Create(image))
        {
            file.SetLength(megabytes * 1024L * 1024);
        }

        // Not lazily: nothing but the server is to write to it.
        Programs.Run("mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", image);
    }

    /// <summary>Writes a file that leaves no room at all.</summary>
    /// <returns>The file.</returns>
    public string Fill()
    {
        var filler = System.IO.Path.Combine(Path, "filler");
        using var file = File.Create(filler, bufferSize: 1);
        var chunk = new byte[64 * 1024];
        while (true)
        {
            try
            {
                file.Write(chunk);
            }
            catch (IOException)
            {
                return filler;
            }
        }
    }

    public void Dispose()
    {
        Programs.Run("umount", Path);
        Directory.Delete(Path);
    }
}
