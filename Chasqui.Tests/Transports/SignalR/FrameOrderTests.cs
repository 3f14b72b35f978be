using Chasqui.Server.Delivery;

namespace Chasqui.Tests.Transports.SignalR;

public sealed class FrameOrderTests
{
    private const int Connections = 20_000;
    private const int Frames = 8;

    /// <summary>Else a client that sends the first ones again finds the last one before them.</summary>
    [Fact]
    public async Task PendingFramesOfEndedConnectionAreExecutedInOrderOrNotAtAll()
    {
        for (var i = 0; i < Connections; i++)
        {
            using var turn = new FrameOrder();
            using var ended = new CancellationTokenSource();
            var join = await turn.TakeAsync(ended.Token);
            Task<bool>[] frames = [.. Enumerable.Range(0, Frames).Select(_ => CarryOutAsync(turn, ended.Token))];

            var ending = Task.Run(ended.Cancel);
            join.Dispose();
            await ending;

            var carriedOut = await Task.WhenAll(frames);
            Assert.DoesNotContain(true, carriedOut.SkipWhile(done => done));
        }
    }

    private static async Task<bool> CarryOutAsync(FrameOrder turn, CancellationToken ended)
    {
        try
        {
            using (await turn.TakeAsync(ended))
            {
                return true;
            }
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
