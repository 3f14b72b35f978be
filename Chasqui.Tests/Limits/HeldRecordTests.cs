using System.Net.WebSockets;
using Chasqui.Protocol;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Limits;

/// <summary>What a SignalR client can make the server hold besides the arguments of its invocations.</summary>
public sealed class HeldRecordTests : IAsyncLifetime
{
    private const int MemoryMiB = 8;
    private const int Sockets = 90;
    private const int UnfinishedCharacters = 120_000;

    private readonly TestServer _server = new();

    public async ValueTask InitializeAsync() => await _server.StartAsync("--Limits:ClientMemoryMiB", $"{MemoryMiB}");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task UnfinishedRecordsCountInTheMemoryBudget()
    {
        using var ana = await _server.PersonAsync();
        var sockets = new List<RawClient>();
        for (var i = 0; i < Sockets; i++)
        {
            sockets.Add(await ana.ConnectToHubAsync());
        }

        foreach (var socket in sockets)
        {
            await socket.SendTextAsync($$"""{"type":1,"target":"{{new string('x', UnfinishedCharacters)}}""");
        }

        await await Task.WhenAny(sockets.Select(EndAsync));
        sockets.ForEach(socket => socket.Socket.Abort());
    }

    [Fact]
    public async Task LongInvocationIdIsRefused()
    {
        using var ana = await _server.PersonAsync();
        await using var socket = await ana.ConnectToHubAsync();

        await socket.SendRecordAsync(
            $$"""{"type":1,"target":"Leave","invocationId":"{{new string('1', 65)}}","arguments":[{"conversation_id":"{{Guid.CreateVersion7()}}"}]}""");

        Assert.Contains($"HubException: {ErrorCodes.InvalidField}: ", await socket.ReceiveTextAsync(), StringComparison.Ordinal);
    }

    /// <summary>With 1013; or with a reset, where the system has bytes that the server did not read.</summary>
    private static async Task EndAsync(RawClient socket)
    {
        try
        {
            Assert.Equal(1013, await socket.ReceiveCloseAsync());
        }
        catch (WebSocketException)
        {
        }
    }
}
