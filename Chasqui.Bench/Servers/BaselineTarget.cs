using Chasqui.Bench.Clients;

namespace Chasqui.Bench.Servers;

/// <summary>A server that Chasqui is compared with; it stores nothing.</summary>
internal sealed class BaselineTarget : Target
{
    public const string Bare = "bare";
    public const string Stock = "stock";
    public const string Nchan = "nchan";

    /// <summary>What projects of the web SDK run with unless they say otherwise.</summary>
    private static readonly Dictionary<string, string> WebDefaults = new() { ["DOTNET_gcServer"] = "1" };

    private readonly string _path;

    private BaselineTarget(string name, Dialect dialect, string path, ServerProcess server)
        : base(name, dialect)
    {
        _path = path;
        Server = server;
    }

    public override ServerProcess Server { get; }

    public static Task<Target> StartBareAsync(CancellationToken cancellationToken) =>
        StartAsync(new BaselineTarget(Bare, new BareDialect(), "/ws/{0}", Serve(Bare)), cancellationToken);

    public static Task<Target> StartStockAsync(CancellationToken cancellationToken) =>
        StartAsync(new BaselineTarget(Stock, new StockDialect(), "/hub", Serve(Stock)), cancellationToken);

    /// <returns>Nothing where nchan is not installed.</returns>
    public static async Task<Target[]> StartNchanAsync(CancellationToken cancellationToken)
    {
        if (!NchanCommand.IsInstalled)
        {
            return [];
        }

        using var folder = new TemporaryFolder();
        var target = new BaselineTarget(Nchan, new NchanDialect(), "/ws/{0}", NchanCommand.Start(folder.Path));
        return [await StartAsync(target, cancellationToken)];
    }

    public override Task<Seat[][]> OpenRoomsAsync(int rooms, int members, CancellationToken cancellationToken) =>
        Task.FromResult(Enumerable.Range(0, rooms).Select(_ => SeatsOf("conv:" + Guid.CreateVersion7(), members)).ToArray());

    /// <summary>This program in a process of its own.</summary>
    private static ServerProcess Serve(string name) => ServerProcess.Start(
        ["dotnet", typeof(BaselineTarget).Assembly.Location], WebDefaults, url => [BenchCommand.Serve, name, url.ToString()]);

    private static async Task<Target> StartAsync(BaselineTarget target, CancellationToken cancellationToken)
    {
        await target.Server.WhenUpAsync(cancellationToken);
        return target;
    }

    private Seat[] SeatsOf(string room, int members)
    {
        var seat = new Seat(new Uri($"ws://{Server.Url.Authority}{_path.Replace("{0}", room, StringComparison.Ordinal)}"), room);
        return [.. Enumerable.Repeat(seat, members)];
    }
}
