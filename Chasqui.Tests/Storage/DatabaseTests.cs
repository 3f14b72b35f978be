using System.Data.Common;
using Chasqui.Server.Storage;
using Chasqui.Tests.Support;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Storage;

public sealed class DatabaseTests(TestServer server) : IClassFixture<TestServer>
{
    [Theory]
    [InlineData("foreign_keys", "1")]
    [InlineData("journal_mode", "wal")]
    [InlineData("synchronous", "2")]
    public async Task WriteConnectionHasItsPragmas(string pragma, string value) => Assert.Equal(
        value,
        await server.Services.GetRequiredService<WriteQueue>().RunAsync(
            session => session.Connection().ExecuteScalar<string>($"PRAGMA {pragma}")));

    [Theory]
    [InlineData("foreign_keys", "1")]
    [InlineData("journal_mode", "wal")]
    public async Task ReadConnectionsHaveTheirPragmas(string pragma, string value)
    {
        await using var connection = await server.Services.GetRequiredService<DbDataSource>().OpenConnectionAsync();
        Assert.Equal(value, await connection.ExecuteScalarAsync<string>($"PRAGMA {pragma}"));
    }

    [Fact]
    public void RequestsWaitingForDiskHoldNoThreads()
    {
        ThreadPool.GetMinThreads(out var workers, out _);
        Assert.InRange(workers, 32, int.MaxValue);
    }

    [Fact]
    public async Task AMessageOfAConversationThatIsNotThereCannotBeStored() =>
        Assert.Equal(WriteRefusal.Failed, (await Assert.ThrowsAsync<WriteRefusedException>(() =>
            server.Services.GetRequiredService<WriteQueue>().RunAsync(session => session.Connection().Execute("""
                INSERT INTO recent_messages (conversation_id, seq, number, id, sender_id, content, created_at)
                VALUES (zeroblob(16), 1, 1, zeroblob(16), zeroblob(16), 'x', 0)
                """)))).Refusal);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task HistoryQueryUsesIndexWithoutSort(bool descending)
    {
        var rows = server.Services.GetRequiredService<MessageTable>().Rows[0];
        await using var connection = await server.Services.GetRequiredService<DbDataSource>().OpenConnectionAsync();
        var plan = (await connection.QueryAsync<PlanStep>(
            "EXPLAIN QUERY PLAN " + (descending ? rows.DownwardsSql : rows.UpwardsSql), new { conversation = new byte[16], seq = 1L, limit = 50 })).AsList();

        Assert.Equal(
            "SEARCH m USING PRIMARY KEY (conversation_id=? AND seq",
            plan[0].Detail.Split('<', '>')[0]);
    }

    private sealed record PlanStep(long Id, long Parent, long NotUsed, string Detail);
}
