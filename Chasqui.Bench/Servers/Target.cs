using Chasqui.Bench.Clients;

namespace Chasqui.Bench.Servers;

/// <summary>One of the servers that are compared.</summary>
internal abstract class Target(string name, Dialect dialect) : IAsyncDisposable
{
    /// <summary>Connections that are opened at once.</summary>
    private const int Opening = 32;

    private readonly SocketsHttpHandler _handler = new();

    public string Name => name;

    public abstract ServerProcess Server { get; }

    /// <summary>Makes rooms, and gives the seats of each.</summary>
    /// <param name="rooms">How many.</param>
    /// <param name="members">In each, every one a person.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public abstract Task<Seat[][]> OpenRoomsAsync(int rooms, int members, CancellationToken cancellationToken);

    /// <summary>Connects and joins; completes when every connection has joined.</summary>
    public async Task<ChatConnection[]> ConnectAsync(IReadOnlyList<Seat> seats, CancellationToken cancellationToken)
    {
        using var invoker = new HttpMessageInvoker(_handler, disposeHandler: false);
        var connections = new ChatConnection[seats.Count];
        await Parallel.ForAsync(
            0,
            seats.Count,
            new ParallelOptions { MaxDegreeOfParallelism = Opening, CancellationToken = cancellationToken },
            async (i, cancel) =>
            {
                using var own = dialect.RequestsFirst ? await RequestAsync(cancel) : null;
                connections[i] = await ChatConnection.OpenAsync(seats[i], dialect, own ?? invoker, cancel);
            });
        return connections;
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _handler.Dispose();
    }

    /// <returns>What sends over a connection that has served a request.</returns>
    private async Task<HttpMessageInvoker> RequestAsync(CancellationToken cancellationToken)
    {
        var invoker = new HttpMessageInvoker(new SocketsHttpHandler());
        using var request = new HttpRequestMessage(HttpMethod.Get, Server.Url);
        using var answer = await invoker.SendAsync(request, cancellationToken);
        await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        return invoker;
    }
}
