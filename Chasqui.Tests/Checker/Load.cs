using Chasqui.Tests.Support;

namespace Chasqui.Tests.Checker;

/// <summary>Many clients of one chat. It ends when every message is sent, acknowledged and received by every member.</summary>
internal sealed class Load : IAsyncDisposable
{
    /// <summary>From the last ack until every member has every message. A client that takes longer has a gap.</summary>
    private static readonly TimeSpan CatchUpDeadline = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly IReadOnlyList<Room> _rooms;
    private readonly Api _api;
    private Task[] _running = [];

    private Load(LoadProgress progress, IReadOnlyList<Room> rooms, IReadOnlyList<ChatClient> clients, Api api)
    {
        Progress = progress;
        Clients = clients;
        _rooms = rooms;
        _api = api;
    }

    public LoadProgress Progress { get; }

    public IReadOnlyList<ChatClient> Clients { get; }

    /// <summary>Registers the users and opens the conversations. No client connects yet.</summary>
    public static async Task<Load> PrepareAsync(Nodes nodes, LoadOptions options)
    {
        var api = new Api(() => nodes.Url);
        var progress = new LoadProgress(options.Messages);
        var count = options.RawClients + options.SignalRClients;
        var accounts = new Account[count];
        await Parallel.ForAsync(0, count, async (i, _) => accounts[i] = await api.RegisterAsync());
        var places = accounts.Select((_, i) => options.PlacesOf(i)).ToArray();
        var rooms = new Room[options.Rooms];
        await Parallel.ForAsync(0, rooms.Length, async (room, _) =>
            rooms[room] = await api.OpenRoomAsync([.. accounts.Where((_, i) => places[i].Contains(room))]));

        var clients = accounts.Select((account, i) =>
        {
            var record = new ClientRecord(i, [.. places[i].Select(room => rooms[room])]);
            var hangsUp = options.OneInHangsUp > 0 && i % options.OneInHangsUp == 0;
            return new ChatClient(record, account, hangsUp, options, progress, nodes, (server, stop) => i < options.RawClients
                ? RawSocket.ConnectAsync(server, account.Token, hello: i % 2 == 0, stop)
                : SignalRSocket.ConnectAsync(server, account.Token, stop));
        });
        return new Load(progress, rooms, [.. clients], api);
    }

    public void Start() => _running = [.. Clients.Select(client => Task.Run(() => client.RunAsync(_api, _stop.Token)))];

    /// <summary>Waits until all is sent and acknowledged, and every member has received it or had the time to.</summary>
    /// <param name="deadline">For the acks.</param>
    public async Task FinishAsync(TimeSpan deadline)
    {
        await Progress.Over.WaitAsync(deadline);
        foreach (var room in _rooms)
        {
            room.End();
        }

        foreach (var client in Clients)
        {
            client.OnOver();
        }

        try
        {
            await Task.WhenAll(Clients.Select(client => client.SentAll)).WaitAsync(deadline);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(string.Join('\n', Clients.Where(client => !client.SentAll.IsCompleted)));
        }

        foreach (var client in Clients)
        {
            await client.FinishAsync();
        }

        try
        {
            await Task.WhenAll(_running).WaitAsync(CatchUpDeadline);
        }
        catch (TimeoutException)
        {
            // A client that is not done has a gap. The verdict names it.
        }

        await HangUpAsync();
    }

    /// <summary>Ends every connection, wherever it stands.</summary>
    public async Task HangUpAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    /// <summary>The records of all clients up to now.</summary>
    public IReadOnlyList<ClientCopy> Copy() => [.. Clients.Select(client => client.Record.Copy())];

    /// <summary>Reads the history of every room from a server, and joins it with the records of the clients.</summary>
    /// <param name="api">Of the server whose history counts.</param>
    /// <param name="copies">What counts of the clients.</param>
    public async Task<IReadOnlyList<RoomRecord>> ReadAsync(Api api, IReadOnlyList<ClientCopy> copies)
    {
        var records = new List<RoomRecord>();
        foreach (var room in _rooms)
        {
            var members = Clients
                .Select((client, i) => (Client: client, Copy: copies[i], Place: client.Record.Rooms.ToList().IndexOf(room)))
                .Where(member => member.Place >= 0)
                .ToList();
            records.Add(new RoomRecord(
                room.Conversation.ToString(),
                await api.HistoryAsync(room, members[0].Client.Account),
                [.. members.SelectMany(member => member.Copy.Sends.Where(send => send.Place == member.Place))],
                [.. members.Select(member => new ReaderRecord(member.Client.Record.Index, member.Copy.Sessions[member.Place]))]));
        }

        return records;
    }

    public Task<IReadOnlyList<RoomRecord>> ReadAsync() => ReadAsync(_api, Copy());

    public async ValueTask DisposeAsync()
    {
        await HangUpAsync();
        foreach (var client in Clients)
        {
            client.Dispose();
        }

        _api.Dispose();
        _stop.Dispose();
    }
}
