namespace Chasqui.Tests.Checker;

/// <summary>The servers of one chat: clients are spread over them, and move on when theirs is gone.</summary>
internal sealed class Nodes(params IReadOnlyList<RestartableServer> servers)
{
    private int _turn = -1;

    public IReadOnlyList<RestartableServer> Servers => servers;

    /// <summary>One that runs, if any does.</summary>
    public Uri Url => (servers.FirstOrDefault(server => server.WhenRunning.IsCompleted) ?? servers[0]).Url;

    public static implicit operator Nodes(RestartableServer server) => new(server);

    /// <summary>The next one that runs; waits until one does.</summary>
    public async Task<Uri> NextAsync(CancellationToken stop)
    {
        var turn = Interlocked.Increment(ref _turn);
        while (true)
        {
            var running = servers.Where(server => server.WhenRunning.IsCompleted).ToList();
            if (running.Count > 0)
            {
                return running[turn % running.Count].Url;
            }

            await Task.WhenAny(servers.Select(server => server.WhenRunning)).WaitAsync(stop);
        }
    }
}
