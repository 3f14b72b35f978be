using Chasqui.Tests.Support;
using Dapper;

namespace Chasqui.Tests.Storage;

[FullTier]
public sealed class DamageTests
{
    [Theory]
    [InlineData("WAL")]
    [InlineData("DELETE")]
    public async Task DamagedDatabasePreventsStartAndIsNotChanged(string journalMode)
    {
        using var folder = new TemporaryFolder();
        await Installation.CreateAsync(folder.Path);
        await using (var database = Database.Open(folder.Path))
        {
            await database.ExecuteAsync($"PRAGMA journal_mode = {journalMode}");
        }

        var whole = await File.ReadAllBytesAsync(FileOf(folder));
        foreach (var damage in new Func<byte[], byte[]>[] { NoDatabase, Scribble, CutOff })
        {
            var damaged = damage([.. whole]);
            await File.WriteAllBytesAsync(FileOf(folder), damaged);

            var refusal = await ServerProcess.RefusalAsync(folder.Path);

            Assert.Contains(FileOf(folder), refusal, StringComparison.Ordinal);
            Assert.Contains("damaged", refusal, StringComparison.Ordinal);
            Assert.Contains("restore a backup", refusal, StringComparison.Ordinal);
            Assert.Equal(damaged, await File.ReadAllBytesAsync(FileOf(folder)));
        }
    }

    [Fact]
    public async Task DamagedDatabaseKeepsItsWriteAheadLog()
    {
        using var folder = new TemporaryFolder();
        await Installation.CreateAsync(folder.Path);
        await Installation.CreateAndCrashAsync(folder.Path);
        await using (var database = Database.Open(folder.Path))
        {
            // A second connection prevents the checkpoint of the one that closes.
            await using var reader = Database.Open(folder.Path);
            await reader.ExecuteScalarAsync<long>("SELECT count(*) FROM users");
            await database.ExecuteAsync("PRAGMA wal_autocheckpoint = 0; CREATE TABLE later (x)");
            foreach (var name in new[] { "-wal", "" })
            {
                File.Copy(FileOf(folder) + name, FileOf(folder) + name + ".copy");
            }
        }

        var log = await File.ReadAllBytesAsync(FileOf(folder) + "-wal.copy");
        var damaged = Scribble(await File.ReadAllBytesAsync(FileOf(folder) + ".copy"));
        await File.WriteAllBytesAsync(FileOf(folder), damaged);
        await File.WriteAllBytesAsync(FileOf(folder) + "-wal", log);
        Assert.NotEmpty(log);

        Assert.Contains("damaged", await ServerProcess.RefusalAsync(folder.Path), StringComparison.Ordinal);

        Assert.Equal(damaged, await File.ReadAllBytesAsync(FileOf(folder)));
        Assert.Equal(log, await File.ReadAllBytesAsync(FileOf(folder) + "-wal"));
    }

    private static string FileOf(TemporaryFolder folder) => Path.Combine(folder.Path, Database.FileName);

    private static byte[] NoDatabase(byte[] file)
    {
        "This is no database"u8.CopyTo(file);
        return file;
    }

    /// <summary>Every page but the first.</summary>
    private static byte[] Scribble(byte[] file)
    {
        file.AsSpan(4096).Fill(0xA5);
        return file;
    }

    private static byte[] CutOff(byte[] file) => file[..(file.Length / 2)];
}
