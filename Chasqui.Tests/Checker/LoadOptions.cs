namespace Chasqui.Tests.Checker;

/// <summary>What the load looks like.</summary>
internal sealed record LoadOptions
{
    public int Rooms { get; init; } = 16;

    /// <summary>Clients of the raw socket, spread over the rooms; every second one says hello.</summary>
    public int RawClients { get; init; } = 32;

    public int SignalRClients { get; init; } = 16;

    /// <summary>The conversations of each client: one or two.</summary>
    public int RoomsPerClient { get; init; } = 2;

    /// <summary>The messages of one client that may wait for their acks.</summary>
    public int Window { get; init; } = 6;

    /// <summary>The messages of all clients together.</summary>
    public int Messages { get; init; } = 20_000;

    /// <summary>
    /// One client in this many hangs up now and then, and stays away while its room moves on, sometimes further than a
    /// join replays; 0 for none.
    /// </summary>
    public int OneInHangsUp { get; init; } = 4;

    public required int Seed { get; init; }

    /// <summary>The rooms of one client, as places in the list of rooms.</summary>
    public int[] PlacesOf(int client) =>
        RoomsPerClient == 1 ? [client % Rooms] : [client % Rooms, (client + 1 + (client / Rooms)) % Rooms];
}
