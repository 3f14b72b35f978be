using System.Security.Cryptography;
using Chasqui.Tests.Support;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Chasqui.Tests.Storage;

/// <summary>A database as the first version left it.</summary>
public sealed class UpgradeTests : IAsyncLifetime
{
    private const string Backups = "chasqui-before-*.db";

    private static readonly Guid Ada = Guid.CreateVersion7();
    private static readonly Guid Bob = Guid.CreateVersion7();
    private static readonly Guid Room = Guid.CreateVersion7();
    private static readonly Guid Task1 = Guid.CreateVersion7();

    private readonly TestServer _server = new();

    public async Task InitializeAsync()
    {
        await using var database = Database.Open(_server.DataFolder);
        var first = await File.ReadAllBytesAsync(Path.Combine(Repository.Root, "sql", "sqlite", "001_initial.sql"));
        await database.ExecuteAsync("""
            PRAGMA journal_mode = WAL;
            CREATE TABLE schema_migrations (script TEXT NOT NULL PRIMARY KEY, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT;
            """ + System.Text.Encoding.UTF8.GetString(first));
        await database.ExecuteAsync(
            """
            INSERT INTO schema_migrations VALUES ('001_initial.sql', @checksum, 1);
            INSERT INTO users VALUES
                (@ada, 'Ada', 'ada', 'ada@example.org', 'ada@example.org', @hash, 1000), (@bob, 'Bob', 'bob', 'bob@example.org', 'bob@example.org', @hash, 1000);
            INSERT INTO tasks VALUES (1, @task, 'Keep everything', 1, 2000, 3000);
            INSERT INTO conversations VALUES (@room, 'group', 'Old friends', NULL, 2, 4000, 6000);
            INSERT INTO participants VALUES (@room, @ada, 'owner', 4000), (@room, @bob, 'member', 4000);
            INSERT INTO messages VALUES (@room, 1, @one, @ada, 'one', 'text', 'c1', 5000), (@room, 2, @two, @bob, 'two', 'text', NULL, 6000);
            """,
            new
            {
                checksum = Convert.ToHexStringLower(SHA256.HashData(first)),
                ada = Bytes(Ada),
                bob = Bytes(Bob),
                hash = BCrypt.Net.BCrypt.HashPassword(Person.Password, workFactor: 4),
                task = Bytes(Task1),
                room = Bytes(Room),
                one = Bytes(Guid.CreateVersion7()),
                two = Bytes(Guid.CreateVersion7()),
            });
    }

    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task EverythingThatTheFirstVersionStoredIsServed()
    {
        await _server.StartAsync();

        using var http = _server.Anonymous();
        var login = await http.PostAsync("/api/login", Rest.Json($$"""{"username":"ADA","password":"{{Person.Password}}"}"""));
        http.DefaultRequestHeaders.Authorization = new("Bearer", (await login.ReadAsync(200)).Text("token"));
        var task = (await (await http.GetAsync("/api/tasks")).ReadAsync(200)).AsArray().Single()!;
        Assert.Equal((Task1.ToString(), "Keep everything", true), (task.Text("uuid"), task.Text("task_name"), task["completed"]!.GetValue<bool>()));
        var room = (await (await http.GetAsync("/api/conversations")).ReadAsync(200)).AsArray().Single()!;
        Assert.Equal(($"conv:{Room}", "Old friends", 2), (room.Text("id"), room.Text("name"), room["last_seq"]!.GetValue<int>()));
        Assert.Equal([$"user:{Ada}", $"user:{Bob}"], room.Strings("participants").Order());
        var path = $"/api/conversations/{Room}/messages";
        var again = await (await http.PostAsync(path, Rest.Json("""{"content":"one","client_message_id":"c1"}"""))).ReadAsync(200);
        Assert.Equal(1, again["seq"]!.GetValue<int>());
        await http.PostAsync(path, Rest.Json("""{"content":"three"}"""));
        var history = (await (await http.GetAsync(path)).ReadAsync(200)).AsArray();
        Assert.Equal([(3, "three"), (2, "two"), (1, "one")], history.Select(message => (message!["seq"]!.GetValue<int>(), message!.Text("content"))));
        Assert.Equal("Bob", (await (await http.GetAsync("/api/users?query=bo")).ReadAsync(200)).AsArray().Single()!.Text("username"));
    }

    [Fact]
    public async Task WhatItWasIsKeptBesideItOnce()
    {
        await _server.StartAsync();
        await _server.StopAsync();
        await _server.StartAsync();

        var kept = Assert.Single(Directory.GetFiles(_server.DataFolder, Backups));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(kept) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        await using var backup = new SqliteConnection($"Data Source={kept};Pooling=False;Mode=ReadOnly");
        Assert.Equal(["001_initial.sql"], await backup.QueryAsync<string>("SELECT script FROM schema_migrations"));
        Assert.Equal(2, await backup.ExecuteScalarAsync<long>("SELECT count(*) FROM messages"));
    }

    [Fact]
    public async Task TheLogSaysWhereWhatItWasIs()
    {
        await using var server = ServerProcess.Start(
            _server.DataFolder, environment: null, "--urls", "http://127.0.0.1:0", "--Storage:DataFolder", _server.DataFolder);
        await server.StartupLineAsync();

        Assert.Contains(Assert.Single(Directory.GetFiles(_server.DataFolder, Backups)), server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhereThereIsNothingToChangeNothingIsKept()
    {
        await using var fresh = new TestServer();
        await fresh.StartAsync();
        await fresh.StopAsync();
        await fresh.StartAsync();

        Assert.Empty(Directory.GetFiles(fresh.DataFolder, Backups));
    }

    [Fact]
    public async Task AnUpgradeThatFailsLeavesTheDatabaseAsItWas()
    {
        await using (var database = Database.Open(_server.DataFolder))
        {
            // In the way of a later script.
            await database.ExecuteAsync("CREATE TABLE health (id INTEGER)");
        }

        await ServerProcess.RefusalAsync(_server.DataFolder);

        Assert.Empty(Directory.GetFiles(_server.DataFolder, Backups));
        await using var after = Database.Open(_server.DataFolder);
        Assert.Equal(["001_initial.sql"], await after.QueryAsync<string>("SELECT script FROM schema_migrations"));
    }

    private static byte[] Bytes(Guid uuid) => uuid.ToByteArray(bigEndian: true);
}
