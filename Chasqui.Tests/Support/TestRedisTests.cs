using System.Net;
using System.Net.Sockets;
using Dapper;

namespace Chasqui.Tests.Support;

/// <summary>What tests of failing databases and backplanes rely on.</summary>
public sealed class TestRedisTests
{
    [Fact, Needs(Redis.Program)]
    public async Task RedisComesBackOnTheSamePortWithNothingInIt()
    {
        await using var redis = new Redis();
        await redis.StartAsync();
        Assert.Equal("+OK", await AskAsync(redis, "SET key value"));
        await redis.KillAsync();
        await Assert.ThrowsAsync<SocketException>(() => AskAsync(redis, "GET key"));
        await redis.StartAsync();
        Assert.Equal("$-1", await AskAsync(redis, "GET key"));
    }

    private static async Task<string?> AskAsync(Redis redis, string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, redis.Port);
        await using var writer = new StreamWriter(client.GetStream()) { NewLine = "\r\n", AutoFlush = true };
        await writer.WriteLineAsync(command);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadLineAsync().WaitAsync(RawClient.Deadline);
    }
}

[PostgresTests]
public sealed class TestPostgresTests
{
    [Fact]
    public async Task PostgresComesBackOnTheSamePortWithWhatItHad()
    {
        await using var postgres = await Postgres.StartAsync();
        var database = await postgres.CreateDatabaseAsync();
        await using (var connection = Database.OpenPostgres(database))
        {
            await connection.ExecuteAsync("CREATE TABLE kept (id integer)");
        }

        await postgres.RestartAsync();
        await using var again = Database.OpenPostgres(database);
        Assert.Equal(0, await again.ExecuteScalarAsync<long>("SELECT count(*) FROM kept"));
        Assert.Equal("on", await again.ExecuteScalarAsync<string>("SHOW fsync"));
    }
}
