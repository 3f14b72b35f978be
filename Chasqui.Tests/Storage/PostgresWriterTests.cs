using Chasqui.Server.Storage;
using Chasqui.Tests.Support;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Storage;

[PostgresTests]
public sealed class PostgresWriterTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    /// <summary>What a commit waits for, as the operator set it for the database, and as it is for messages.</summary>
    [Theory]
    [InlineData("off", "on")]
    [InlineData("local", "on")]
    [InlineData("on", "on")]
    [InlineData("remote_apply", "remote_apply")]
    public async Task AcknowledgedMessageIsDurableWhenDatabaseDefaultsToAsynchronousCommit(string configured, string used)
    {
        await using (var database = server.OpenDatabase())
        {
            await database.ExecuteAsync($"ALTER DATABASE {database.Database} SET synchronous_commit = {configured}");
        }

        await server.StopAsync();
        await server.StartAsync();

        Assert.Equal(used, await ShowAsync("synchronous_commit"));
    }

    [Fact]
    public async Task HaltedServerDelaysOthersAtMostItsLockTimeout()
    {
        Assert.Equal("2s", await ShowAsync("lock_timeout"));
        Assert.Equal("4s", await ShowAsync("idle_in_transaction_session_timeout"));
        Assert.Equal("4000", await ShowAsync("tcp_user_timeout"));
        Assert.Equal(
            ("2", "1", "2"),
            (await ShowAsync("tcp_keepalives_idle"), await ShowAsync("tcp_keepalives_interval"), await ShowAsync("tcp_keepalives_count")));
    }

    [Fact]
    public async Task AMessageOfAConversationThatIsNotThereCannotBeStored() =>
        Assert.Equal(WriteRefusal.Failed, (await Assert.ThrowsAsync<WriteRefusedException>(() =>
            server.Services.GetRequiredService<WriteQueue>().RunAsync(session => session.Connection().Execute("""
                INSERT INTO messages (conversation_id, seq, number, id, sender_id, content, created_at)
                VALUES (decode(repeat('00', 16), 'hex'), 1, 1, decode(repeat('00', 16), 'hex'), decode(repeat('00', 16), 'hex'), 'x', 0)
                """)))).Refusal);

    private Task<string?> ShowAsync(string setting) => server.Services.GetRequiredService<WriteQueue>().RunAsync(
        session => session.Connection().ExecuteScalar<string>($"SHOW {setting}"));
}
