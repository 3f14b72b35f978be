using Chasqui.Bench.Clients;

namespace Chasqui.Bench.Servers;

/// <summary>Chasqui with an empty database, or with one that was filled before.</summary>
internal sealed class ChasquiTarget : Target
{
    public const string Chasqui = "chasqui";

    /// <summary>The same with PostgreSQL and Redis.</summary>
    public const string Shared = "chasqui, shared";

    /// <summary>The build that Chasqui is compared with.</summary>
    public const string Against = "chasqui, other build";

    private readonly TemporaryFolder _data;
    private readonly bool _ownsData;

    private ChasquiTarget(ChasquiCommand command, TemporaryFolder data, bool ownsData, string name = Chasqui)
        : base(name, new RawDialect())
    {
        _data = data;
        _ownsData = ownsData;
        Server = command.Start(data.Path);
        Api = new ChasquiApi(Server.Url);
    }

    public override ServerProcess Server { get; }

    public ChasquiApi Api { get; }

    public static Task<ChasquiTarget> StartAsync(
        ChasquiCommand command, CancellationToken cancellationToken, string name = Chasqui) =>
        StartAsync(new ChasquiTarget(command, new TemporaryFolder(), ownsData: true, name), cancellationToken);

    public static Task<ChasquiTarget> StartAsync(ChasquiCommand command, TemporaryFolder data, CancellationToken cancellationToken, string name = Chasqui,
        bool ownsData = false) =>
        StartAsync(new ChasquiTarget(command, data, ownsData, name), cancellationToken);

    public override async Task<Seat[][]> OpenRoomsAsync(int rooms, int members, CancellationToken cancellationToken)
    {
        // As few people as fill one room; with fewer rooms than that, each of them is in several.
        var people = await Api.RegisterAsync(Math.Max(members, Math.Min(rooms * members, 100)), cancellationToken);
        var seats = new Seat[rooms][];
        await Parallel.ForAsync(0, rooms, cancellationToken, async (room, cancel) =>
        {
            Person[] inIt = [.. Enumerable.Range(0, members).Select(i => people[((room * members) + i) % people.Length])];
            var id = await Api.OpenGroupAsync(inIt, cancel);
            seats[room] = [.. inIt.Select(person => SeatOf(person, id))];
        });
        return seats;
    }

    public Seat SeatOf(Person person, string room) =>
        new(new Uri($"ws://{Server.Url.Authority}/api/ws/chat?token={person.Token}"), room);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Api.Dispose();
        if (_ownsData)
        {
            _data.Dispose();
        }
    }

    private static async Task<ChasquiTarget> StartAsync(ChasquiTarget target, CancellationToken cancellationToken)
    {
        await target.Server.WhenUpAsync(cancellationToken);
        return target;
    }
}
