using Chasqui.Protocol;
using Chasqui.Tests.Support;
using Dapper;

namespace Chasqui.Tests.Storage;

/// <param name="store">Where everything is kept.</param>
/// <param name="lockSql">What another program says that keeps the server from writing, in a transaction.</param>
public abstract class LockedDatabaseTests(Store store, string lockSql) : IAsyncLifetime
{
    private const int QueueLimit = 5;

    private readonly TestServer _server = new() { Store = store };

    public async ValueTask InitializeAsync() => await _server.StartAsync(
        "--Storage:LockTimeoutSeconds", "1", "--Storage:MaxQueuedWrites", $"{QueueLimit}");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task LockedDatabaseRefusesWritesAndServesReadsUntilUnlocked()
    {
        using var alice = await _server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        await alice.SendAsync(room, "before");
        await using var socket = await alice.ConnectAsync();
        await socket.JoinAsync(room);

        await using (var other = _server.OpenDatabase())
        {
            await other.ExecuteAsync(lockSql);

            await socket.SendAsync(new { type = "message", conversation_id = room, content = "during", request_id = "r" });
            var error = await socket.ReceiveAsync("Error");
            Assert.Equal(ErrorCodes.StorageUnavailable, error["code"]!.GetValue<string>());
            Assert.Equal("r", error["request_id"]!.GetValue<string>());
            Assert.True(error["retry_after_ms"]!.GetValue<int>() > 0);
            var refused = await alice.PostAsync($"/api/conversations/{room}/messages", new { content = "during" });
            await refused.ReadProblemAsync(503, ErrorCodes.StorageUnavailable);
            Assert.NotNull(refused.Headers.RetryAfter);
            Assert.Single((await alice.GetAsync($"/api/conversations/{room}/messages")).AsArray());
            await other.ExecuteAsync("ROLLBACK");
        }

        Assert.Equal(2, (await alice.SendAsync(room, "after"))["seq"]!.GetValue<long>());
        Assert.Equal("after", (await socket.ReceiveAsync("NewMessage"))["message"]!["content"]!.GetValue<string>());
    }

    [Fact]
    public async Task MoreThanTheQueueTakesIsRefusedAtOnceAsOverloaded()
    {
        using var alice = await _server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        await using var socket = await alice.ConnectAsync();
        await using var other = _server.OpenDatabase();
        await other.ExecuteAsync(lockSql);

        // The writer takes at most what the queue holds, the queue fills again, and the next one is refused.
        for (var i = 0; i < (2 * QueueLimit) + 1; i++)
        {
            await socket.SendAsync(new { type = "message", conversation_id = room, content = $"{i}", request_id = $"{i}" });
        }

        var error = await socket.ReceiveAsync("Error");
        Assert.Equal(ErrorCodes.Overloaded, error["code"]!.GetValue<string>());
        Assert.True(error["retry_after_ms"]!.GetValue<int>() > 0);
    }
}

public sealed class SqliteLockedDatabaseTests() : LockedDatabaseTests(Store.Sqlite, "BEGIN IMMEDIATE");

[PostgresTests]
public sealed class PostgresLockedDatabaseTests()
    : LockedDatabaseTests(Store.Postgres, "BEGIN; LOCK TABLE conversations IN EXCLUSIVE MODE");
