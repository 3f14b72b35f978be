using System.Diagnostics;
using Chasqui.Tests.Checker;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Fuzzing;

/// <summary>Several connections at a time, each with a script of its own, until so many frames were sent.</summary>
internal sealed class Fuzzer
{
    private const int AtATime = 6;

    private readonly Uri _server;
    private readonly FuzzedTransport[][] _transports;
    private long _frames;
    private int _connections;

    private Fuzzer(Uri server, Room own, Room foreign, Account[] accounts, Account owner)
    {
        _server = server;
        (Own, Foreign, Account, Owner) = (own, foreign, accounts[0], owner);
        var rooms = new Rooms($"conv:{own.Conversation}", $"conv:{foreign.Conversation}");
        _transports = [.. accounts.Select(account =>
        {
            var (raw, hub) = (new RawTransport(account.Token, rooms), new HubTransport(account.Token, rooms));
            // A raw connection sends more than twice as many frames.
            return new FuzzedTransport[] { raw, raw, raw, hub, hub };
        })];
    }

    /// <summary>Where it sends.</summary>
    public Room Own { get; }

    /// <summary>Where it is no member.</summary>
    public Room Foreign { get; }

    /// <summary>A member of it.</summary>
    public Account Account { get; }

    /// <summary>Of the room that is not the fuzzer's.</summary>
    public Account Owner { get; }

    public long Frames => Interlocked.Read(ref _frames);

    public int Connections => _connections;

    public TimeSpan Took { get; private set; }

    public static async Task<Fuzzer> PrepareAsync(Uri server, Api api)
    {
        // Each connection at a time has a user of its own: no user has too many while the server still closes one.
        var accounts = new Account[AtATime];
        for (var i = 0; i < accounts.Length; i++)
        {
            accounts[i] = await api.RegisterAsync();
        }

        var owner = await api.RegisterAsync();
        return new Fuzzer(server, await api.OpenRoomAsync(accounts), await api.OpenRoomAsync([owner]), accounts, owner);
    }

    /// <summary>Sends so many frames more.</summary>
    /// <exception cref="FindingException">The server did what it must not.</exception>
    public async Task RunAsync(int seed, long frames)
    {
        var clock = Stopwatch.StartNew();
        var (until, next) = (Frames + frames, -1);
        // A finding of one ends the others too.
        await Parallel.ForAsync(0, AtATime, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (place, found) =>
        {
            while (Frames < until && !found.IsCancellationRequested)
            {
                await RunOneAsync(_transports[place], seed, Interlocked.Increment(ref next));
            }
        });
        Took += clock.Elapsed;
    }

    private async Task RunOneAsync(FuzzedTransport[] transports, int seed, int number)
    {
        var random = new Random(unchecked((seed * 1_000_003) + number));
        var transport = transports[random.Next(transports.Length)];
        Interlocked.Increment(ref _connections);
        if (random.Next(8) == 0)
        {
            await BrokenHandshake.RunAsync(_server, transport, random);
            return;
        }

        var script = transport.Write(random);
        try
        {
            await new FuzzedConnection(_server, transport, script).RunAsync();
        }
        catch (FindingException e)
        {
            throw new FindingException(
                $"CHASQUI_SEED={seed}, connection {number} ({transport.GetType().Name}, which ends with {script.Ending.What}): {e.Message}", e);
        }

        Interlocked.Add(ref _frames, script.Count);
    }
}
