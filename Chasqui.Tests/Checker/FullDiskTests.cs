using Chasqui.Tests.Support;


namespace Chasqui.Tests.Checker;

[FullTier]
[Collection(Support.Load.Collection)]
public sealed class FullDiskTests
{
    private const int Megabytes = 48;
    private const int Messages = 4_000;

    [Fact, Needs(Need.Mount)]
    public async Task FullDiskRefusesSendsServesReadsAndWritingResumes()
    {
        using var disk = Disk.InMemory(Megabytes);
        await using var server = new RestartableServer(disk.Path);
        await server.StartAsync();
        await using var scenario = await Scenario.PrepareAsync(
            "full disk", server, new LoadOptions { Messages = int.MaxValue, Seed = Scenario.NewSeed() });

        scenario.Load.Start();
        await scenario.AfterAcksAsync(scenario.Random.Next(1, Messages));
        var filler = disk.Fill();
        // ErrorCodes.StorageUnavailable, and no other: the verdict counts every other refusal as unexpected.
        await Scenario.WithinDeadline(scenario.Progress.StorageUnavailable);

        using var api = new Api(server.Url);
        var reader = scenario.Load.Clients[0];
        var acknowledged = reader.Record.Rooms[0].Newest;
        var history = await api.HistoryAsync(reader.Record.Rooms[0], reader.Account);
        Assert.True(history.Count >= acknowledged, $"History ends at {history.Count}, {acknowledged} was acknowledged");

        File.Delete(filler);
        await scenario.AfterAcksAsync(Messages);
        scenario.Progress.Stop();
        await scenario.FinishAsync();
    }
}
