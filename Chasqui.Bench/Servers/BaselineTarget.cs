using Chasqui.Bench.Clients;

namespace Chasqui.Bench.Servers;

/// <summary>A server that this program holds itself, in a process of its own.</summary>
internal sealed class BaselineTarget : Target
{
    public const string Bare = "bare";
    public const string Stock = "stock";

    /// <summary>What projects of the web SDK run with unless they say otherwise.</summary>
    private static readonly Dictionary<string, string> WebDefaults = new() { ["DOTNET_gcServer"] = "1" };

    private readonly string _path;

    private BaselineTarget(string name, Dialect dialect, string path)
        : base(name, dialect)
    {
        _path = path;
        Server = ServerProcess.Start(
            ["dotnet", typeof(BaselineTarget).Assembly.Location], WebDefaults, url => [BenchCommand.Serve, name, url.ToString()]);
    }

    public override ServerProcess Server { get; }

    public static Task<Target> StartBareAsync(CancellationToken cancellationToken) =>
        StartAsync(new BaselineTarget(Bare, new BareDialect(), "/ws/{0}"), cancellationToken);

    public static Task<Target> StartStockAsync(CancellationToken cancellationToken) =>
        StartAsync(new BaselineTarget(Stock, new StockDialect(), "/hub"), cancellationToken);

    public override Task<Seat[][]> OpenRoomsAsync(int rooms, int members, CancellationToken cancellationToken) =>
        Task.FromResult(Enumerable.Range(0, rooms).Select(_ => SeatsOf("conv:" + Guid.CreateVersion7(), members)).ToArray());

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
