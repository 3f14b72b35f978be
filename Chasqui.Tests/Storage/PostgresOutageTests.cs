using System.Data.Common;
using System.Globalization;
using System.Net;
using Chasqui.Protocol;
using Chasqui.Tests.Support;
using Dapper;
using Npgsql;

namespace Chasqui.Tests.Storage;

/// <summary>PostgreSQL going away under a server that runs.</summary>
[PostgresTests]
[FullTier]
public sealed class PostgresOutageTests
{
    [Fact]
    public async Task DatabaseOutageAnswers503AndServiceResumes()
    {
        await using var postgres = await Postgres.StartAsync();
        await using var server = new TestServer { Store = Store.Postgres, Instance = postgres };
        await server.StartAsync();
        using var ana = await server.PersonAsync();
        var room = await ana.OpenGroupAsync();
        await using var socket = await ana.ConnectAsync();
        await socket.JoinAsync(room);
        await using var hub = await HubClient.ConnectAsync(server, ana.Token);
        await ana.SendAsync(room, "before");
        await socket.ReceiveAsync("NewMessage");
        var path = $"/api/conversations/{room}/messages";
        var frame = new { type = "message", conversation_id = room, content = "from a socket", client_message_id = "s", request_id = "r" };
        var message = new { content = "over REST", client_message_id = "p" };

        await postgres.StopAsync();

        await socket.SendAsync(frame);
        var error = await socket.ReceiveAsync("Error");
        Assert.Equal((ErrorCodes.StorageUnavailable, "r"), (error.Text("code"), error.Text("request_id")));
        Assert.True(error["retry_after_ms"]!.GetValue<int>() > 0);
        var unsent = await hub.RefusalAsync(nameof(IChatHub.Join), new Join { ConversationId = new(Guid.Parse(room["conv:".Length..])) });
        Assert.Equal(ErrorCodes.StorageUnavailable, unsent.Code);
        Assert.True(unsent.RetryAfterMs > 0);
        await AssertUnavailableAsync(await ana.PostAsync(path, message));
        await AssertUnavailableAsync(await ana.Http.GetAsync(path));
        await AssertUnavailableAsync(await ana.Http.GetAsync("/api/tasks"));
        using (var http = server.Anonymous())
        {
            await AssertUnavailableAsync(await http.PostAsync("/api/login", Rest.Json(
                $$"""{"username":"{{ana.Name}}","password":"{{Person.Password}}"}""")));
        }

        await AssertUnavailableAsync(await Handshake.SendAsync(server, "/api/ws/chat?token=" + ana.Token));
        // Open connections stay open.
        await socket.PingAsync();

        await postgres.RunAsync();

        var posted = await UntilAvailableAsync(() => ana.PostAsync(path, message));
        Assert.Equal(2, posted["seq"]!.GetValue<long>());
        Assert.Equal("over REST", (await socket.ReceiveAsync("NewMessage"))["message"]!.Text("content"));
        await socket.SendAsync(frame);
        var answers = new[] { await socket.ReceiveAsync(), await socket.ReceiveAsync() }.ToDictionary(answer => answer.Text("type"));
        Assert.Equal(3, answers["Ack"]["seq"]!.GetValue<long>());
        Assert.Equal("from a socket", answers["NewMessage"]["message"]!.Text("content"));
        var history = (await UntilAvailableAsync(() => ana.Http.GetAsync(path))).AsArray();
        Assert.Equal(["from a socket", "over REST", "before"], history.Select(stored => stored!.Text("content")));
        await hub.JoinAsync(room);
        await using var another = await ana.ConnectAsync();
        await another.JoinAsync(room);
    }

    [Fact]
    public async Task CommitWithLostAnswerIsStoredAndDeliveredOnce()
    {
        await using var wire = new LossyWire((await Postgres.SharedAsync()).Port);
        await using var server = await ThroughAsync(wire);
        using var ana = await server.PersonAsync();
        var room = await ana.OpenGroupAsync();
        await using var socket = await ana.ConnectAsync();
        await using var reader = await ana.ConnectAsync();
        await reader.JoinAsync(room);
        var path = $"/api/conversations/{room}/messages";
        var message = new { content = "once", client_message_id = "c" };

        wire.LoseTheNextCommit();
        await AssertUnavailableAsync(await ana.PostAsync(path, message));
        Assert.Single((await ana.GetAsync(path)).AsArray());
        wire.LoseTheNextCommit();
        await AssertUnavailableAsync(await ana.PostAsync(path, message));
        await socket.SendAsync(new { type = "message", conversation_id = room, message.content, message.client_message_id, request_id = "r" });
        var ack = await socket.ReceiveAsync("Ack");

        Assert.Equal((1, true), (ack["seq"]!.GetValue<long>(), ack["duplicate"]!.GetValue<bool>()));
        var stored = Assert.Single((await ana.GetAsync(path)).AsArray())!;
        Assert.Equal(ack.Text("message_id"), stored.Text("id"));
        Assert.Equal(2, (await ana.SendAsync(room, "next"))["seq"]!.GetValue<long>());
        Assert.Equal("once", (await reader.ReceiveAsync("NewMessage"))["message"]!.Text("content"));
        Assert.Equal("next", (await reader.ReceiveAsync("NewMessage"))["message"]!.Text("content"));
    }

    [Fact]
    public async Task MessageWithLostAnswerIsDeliveredWhenStored()
    {
        await using var wire = new LossyWire((await Postgres.SharedAsync()).Port);
        await using var server = await ThroughAsync(wire);
        using var ana = await server.PersonAsync();
        var room = await ana.OpenGroupAsync();
        await using var reader = await ana.ConnectAsync();
        await reader.JoinAsync(room);

        wire.LoseTheNextCommit();
        await AssertUnavailableAsync(await ana.PostAsync($"/api/conversations/{room}/messages", new { content = "once" }));

        Assert.Equal("once", (await reader.ReceiveAsync("NewMessage"))["message"]!.Text("content"));
    }

    [Fact]
    public async Task ServersReconnectAfterDatabaseRestart()
    {
        await using var postgres = await Postgres.StartAsync();
        await using var one = new TestServer { Store = Store.Postgres, Instance = postgres };
        await one.StartAsync();
        await using var other = new TestServer { Store = Store.Postgres, SharesDatabaseOf = one };
        await other.StartAsync();
        using var ana = await one.PersonAsync();
        using var anaThere = ana.On(other);
        var room = await ana.OpenGroupAsync();
        var path = $"/api/conversations/{room}/messages";

        for (var i = 1; i <= 2; i++)
        {
            await postgres.RestartAsync();
            foreach (var person in new[] { ana, anaThere })
            {
                await UntilAvailableAsync(() => person.Http.GetAsync(path));
                await UntilAvailableAsync(() => person.PostAsync(path, new { content = $"{i}", client_message_id = $"{i}" }));
            }

            Assert.Equal(i, (await ana.GetAsync(path)).AsArray().Count);
        }
    }

    [Fact]
    public async Task WritesResumeAfterReadOnlyPeriod()
    {
        await using var server = new PostgresServer();
        await server.StartAsync();
        using var ana = await server.PersonAsync();
        using var anybody = server.Anonymous();
        var room = await ana.OpenGroupAsync();
        await using var socket = await ana.ConnectAsync();
        await socket.JoinAsync(room);
        var path = $"/api/conversations/{room}/messages";
        await using var database = server.OpenDatabase();

        await database.ExecuteAsync($"ALTER DATABASE {database.Database} SET default_transaction_read_only = on");
        await database.ExecuteAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");

        // The first one may have found nothing but the end of the connection.
        foreach (var request in new[] { "first", "second" })
        {
            await socket.SendAsync(new { type = "message", conversation_id = room, content = "refused", request_id = request });
            Assert.Equal(ErrorCodes.StorageUnavailable, (await socket.ReceiveAsync("Error")).Text("code"));
        }

        await (await anybody.GetAsync("/health/ready")).ReadAsync(503);

        await database.ExecuteAsync($"ALTER DATABASE {database.Database} RESET default_transaction_read_only");

        Assert.Equal(1, (await UntilAvailableAsync(() => ana.PostAsync(path, new { content = "taken" })))["seq"]!.GetValue<long>());
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        while (!(await anybody.GetAsync("/health/ready", deadline.Token)).IsSuccessStatusCode)
        {
        }
    }

    [Theory]
    [InlineData("ALTER DATABASE {0} ALLOW_CONNECTIONS false", "ALTER DATABASE {0} ALLOW_CONNECTIONS true")]
    [InlineData("ALTER DATABASE {0} RENAME TO {0}_away", "ALTER DATABASE {0}_away RENAME TO {0}")]
    public async Task DatabaseWithoutFreeConnectionsAnswers503(string shut, string open)
    {
        var postgres = await Postgres.SharedAsync();
        await using var server = new PostgresServer();
        await server.StartAsync();
        using var ana = await server.PersonAsync();
        var room = await ana.OpenGroupAsync();
        await using var socket = await ana.ConnectAsync();
        await socket.JoinAsync(room);
        var path = $"/api/conversations/{room}/messages";
        var name = new NpgsqlConnectionStringBuilder(server.StorageSettings[^1]).Database;
        await using var operation = Database.OpenPostgres(postgres.ConnectionString("postgres"));

        await SendAwayAndAsync(operation, name!, string.Format(CultureInfo.InvariantCulture, shut, name));

        // The first one may have found nothing but the end of the connection.
        foreach (var request in new[] { "first", "second" })
        {
            await socket.SendAsync(new { type = "message", conversation_id = room, content = "refused", request_id = request });
            Assert.Equal(ErrorCodes.StorageUnavailable, (await socket.ReceiveAsync("Error")).Text("code"));
        }

        await AssertUnavailableAsync(await ana.Http.GetAsync(path));
        await AssertUnavailableAsync(await ana.PostAsync(path, new { content = "refused" }));
        // With a token, as some proxies send one.
        await (await ana.Http.GetAsync("/health/live")).ReadAsync(200);
        await (await ana.Http.GetAsync("/health/ready")).ReadAsync(503);

        await operation.ExecuteAsync(string.Format(CultureInfo.InvariantCulture, open, name));

        Assert.Equal(1, (await UntilAvailableAsync(() => ana.PostAsync(path, new { content = "taken" })))["seq"]!.GetValue<long>());
    }

    [Fact]
    public async Task ServerThatLosesNetworkWithinBatchDelaysOthersAtMostItsLockTimeout()
    {
        string[] settings = ["--Storage:LockTimeoutSeconds", "1"];
        await using var wire = new LossyWire((await Postgres.SharedAsync()).Port);
        await using var one = await ThroughAsync(wire, settings);
        await using var other = new TestServer { Store = Store.Postgres, SharesDatabaseOf = one };
        await other.StartAsync(settings);
        using var ana = await one.PersonAsync();
        using var anaThere = ana.On(other);
        var room = await ana.OpenGroupAsync();
        var path = $"/api/conversations/{room}/messages";

        var silent = wire.FallSilentInTheNextBatch();
        var lost = ana.PostAsync(path, new { content = "lost" });
        await silent;

        Assert.Equal(1, (await UntilAvailableAsync(() => anaThere.PostAsync(path, new { content = "there" })))["seq"]!.GetValue<long>());
        await AssertUnavailableAsync(await lost);
        Assert.Equal(2, (await UntilAvailableAsync(() => ana.PostAsync(path, new { content = "here" })))["seq"]!.GetValue<long>());
        Assert.Equal(["here", "there"], (await ana.GetAsync(path)).AsArray().Select(stored => stored!.Text("content")));
    }

    private static async Task<TestServer> ThroughAsync(LossyWire wire, params string[] settings)
    {
        var server = new PostgresServer();
        await server.StartAsync();
        var connectionString = server.StorageSettings[^1];
        await server.StopAsync();
        await server.StartAsync(["--Storage:ConnectionString", $"{connectionString};Port={wire.Port}", .. settings]);
        return server;
    }

    /// <summary>Shuts a database, which one of the two ways can do only without connections.</summary>
    private static async Task SendAwayAndAsync(DbConnection operation, string name, string sql)
    {
        const string SendAway = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = @name";
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        while (true)
        {
            try
            {
                await operation.ExecuteAsync(SendAway, new { name });
                await operation.ExecuteAsync(sql);
                // Connections that were opened meanwhile.
                await operation.ExecuteAsync(SendAway, new { name });
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ObjectInUse)
            {
                deadline.Token.ThrowIfCancellationRequested();
            }
        }
    }

    private static async Task AssertUnavailableAsync(HttpResponseMessage answer)
    {
        var problem = await answer.ReadProblemAsync(503, ErrorCodes.StorageUnavailable);
        Assert.True(problem["retry_after_ms"]!.GetValue<int>() > 0);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    /// <summary>Tries again for as long as storage is said to be unavailable; any other refusal fails.</summary>
    private static async Task<System.Text.Json.Nodes.JsonNode> UntilAvailableAsync(Func<Task<HttpResponseMessage>> askAsync)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        while (true)
        {
            var answer = await askAsync();
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
            {
                return await answer.ReadAsync(200);
            }

            await AssertUnavailableAsync(answer);
            deadline.Token.ThrowIfCancellationRequested();
        }
    }
}
