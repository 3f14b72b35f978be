using System.Text.Json;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Chasqui.Server.Conversations;
using Chasqui.Server.Messages;
using Chasqui.Server.Storage;
using Chasqui.Tests.Support;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Storage;

/// <summary>
/// What the writer has in memory is what the file says, after each of many random operations, failures among them.
/// </summary>
public sealed class ConversationHeadsTests : IAsyncLifetime
{
    private const int Steps = 400;

    private readonly TestServer _server = new();
    private readonly List<UserId> _users = [];
    private readonly List<ConversationId> _conversations = [];

    private T Service<T>()
        where T : notnull => _server.Services.GetRequiredService<T>();

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            using var person = await _server.PersonAsync();
            _users.Add(new UserId(Guid.Parse(person.Id["user:".Length..])));
        }

        for (var i = 0; i < 3; i++)
        {
            _conversations.Add((await Service<ConversationStore>().OpenGroupAsync(_users[0], _users[1..3], "Group"))!.Id);
        }

        _conversations.Add((await Service<ConversationStore>().OpenDirectAsync(_users[0], _users[1]))!.Id);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task MemoryIsWhatTheFileSays(int seed)
    {
        var random = new Random(seed);
        // Another process on the same file.
        await using var elsewhere = Database.Open(_server.DataFolder);
        for (var step = 0; step < Steps; step++)
        {
            var operation = random.Next(20);
            await OperateAsync(operation, random, elsewhere);
            foreach (var conversation in _conversations)
            {
                await AssertEqualAsync(conversation, elsewhere, $"seed {seed}, step {step}, operation {operation}");
            }
        }
    }

    private async Task OperateAsync(int operation, Random random, SqliteConnection elsewhere)
    {
        var (conversation, user, other) = (One(_conversations, random), One(_users, random), One(_users, random));
        var (log, members, blocks, writes) = (Service<MessageLog>(), Service<ParticipantStore>(), Service<BlockStore>(), Service<WriteQueue>());
        switch (operation)
        {
            case 0:
                await members.AddAsync(conversation, user, [other]);
                break;
            case 1:
                await members.RemoveAsync(conversation, user, other);
                break;
            case 2:
                await blocks.BlockAsync(user, other);
                break;
            case 3:
                await blocks.UnblockAsync(user, other);
                break;
            case 4:
                await elsewhere.ExecuteAsync(
                    "DELETE FROM participants WHERE conversation_id = @conversation AND user_id = @user AND role = 'member'",
                    new { conversation, user });
                break;
            case 5:
                await elsewhere.ExecuteAsync(
                    "INSERT INTO participants (conversation_id, user_id, role, joined_at, last_read_seq, read_number) VALUES (@conversation, @user, 'member', 1, 0, 0) ON CONFLICT DO NOTHING",
                    new { conversation, user });
                break;
            case 6:
                // The transaction fails when it commits: it has no such user.
                await Assert.ThrowsAsync<WriteRefusedException>(() => BatchAsync(
                    () => writes.RunAsync(session => session.Connection().Execute(
                        """
                        PRAGMA defer_foreign_keys = ON;
                        INSERT INTO participants (conversation_id, user_id, role, joined_at, last_read_seq, read_number)
                        VALUES (@conversation, zeroblob(16), 'member', 1, 0, 0)
                        """,
                        new { conversation }))));
                break;
            case 7:
                await Assert.ThrowsAsync<WriteRefusedException>(() => BatchAsync(
                    () => SendAsync(conversation, user, random),
                    () => writes.RunAsync<int>(_ => throw new InvalidOperationException("The write fails")),
                    () => SendAsync(conversation, other, random)));
                break;
            case 8:
                await BatchAsync(
                    () => SendAsync(conversation, user, random),
                    () => members.RemoveAsync(conversation, user, other),
                    () => SendAsync(conversation, other, random),
                    () => members.AddAsync(conversation, user, [other]),
                    () => SendAsync(conversation, other, random));
                break;
            case 9:
                await log.JoinAsync(conversation, user, "none");
                break;
            case 10:
                await BatchAsync(
                    () => SendAsync(conversation, user, random),
                    () => ChangeAsync(conversation, user, random),
                    () => writes.RunAsync<int>(_ => throw new InvalidOperationException("The write fails"))
                        .ContinueWith(_ => { }, TaskScheduler.Default),
                    () => ChangeAsync(conversation, other, random));
                break;
            case 11 or 12 or 13:
                await BatchAsync([.. Enumerable.Range(0, random.Next(1, 10)).Select(_ =>
                    (Func<Task>)(() => ChangeAsync(One(_conversations, random), One(_users, random), random)))]);
                break;
            default:
                await BatchAsync([.. Enumerable.Range(0, random.Next(1, 20)).Select(_ =>
                    (Func<Task>)(() => SendAsync(One(_conversations, random), One(_users, random), random)))]);
                break;
        }
    }

    private Task<Appended> SendAsync(ConversationId conversation, UserId user, Random random) => Service<MessageLog>().AppendAsync(new Draft(
        conversation, user, new string('x', random.Next(1, 100)), random.Next(3) == 0 ? null : $"{random.Next(20)}"));

    /// <summary>Changes one of the messages that are stored.</summary>
    private async Task<MessageChanged> ChangeAsync(ConversationId conversation, UserId user, Random random)
    {
        await using var file = Database.Open(_server.DataFolder);
        var ids = (await file.QueryAsync<MessageId>("SELECT id FROM messages WHERE conversation_id = @conversation ORDER BY seq", new { conversation })).AsList();
        var message = ids.Count == 0 ? default : One(ids, random);
        var changes = Service<MessageChanges>();
        return await (random.Next(5) switch
        {
            0 => changes.EditAsync(conversation, user, message, new string('y', random.Next(1, 5)), [user]),
            1 => changes.DeleteAsync(conversation, user, message),
            2 => changes.UnreactAsync(conversation, user, message, One(["👍", "🎉"], random)),
            _ => changes.ReactAsync(conversation, user, message, One(["👍", "🎉"], random)),
        });
    }

    /// <summary>Queues writes while the writer is busy, so that they share a transaction.</summary>
    private async Task BatchAsync(params Func<Task>[] writes)
    {
        using var busy = new ManualResetEventSlim();
        var first = Service<WriteQueue>().RunAsync(_ => busy.Wait(RawClient.Deadline));
        var all = writes.Select(write => write()).ToArray();
        busy.Set();
        await first;
        await Task.WhenAll(all);
    }

    private async Task AssertEqualAsync(ConversationId conversation, SqliteConnection file, string where)
    {
        // It sees what another process has written when it begins a transaction.
        await Service<WriteQueue>().RunAsync(_ => 0);
        var head = Service<MessageTable>().Find(conversation);
        var lastSeq = await file.ExecuteScalarAsync<long>("SELECT last_seq FROM conversations WHERE id = @conversation", new { conversation });
        var members = (await file.QueryAsync<(UserId User, string? Refusal)>(
            "SELECT user_id, refusal FROM participants WHERE conversation_id = @conversation", new { conversation }))
            .ToDictionary(member => member.User, member => member.Refusal);
        if (head?.Membership is { } membership)
        {
            Assert.Equal(members.OrderBy(member => member.Key.Value), membership.Refusals.OrderBy(member => member.Key.Value));
        }

        foreach (var user in _users)
        {
            if (head?.TryFindExtent(user, out var known) is true)
            {
                Assert.True(known?.LastSeq == (members.ContainsKey(user) ? lastSeq : null), $"{where}: {user} has {known}, not {lastSeq}");
            }
        }

        var seqs = (await file.QueryAsync<long>(
            """
            SELECT seq FROM messages WHERE conversation_id = @conversation
            UNION ALL SELECT seq FROM events WHERE conversation_id = @conversation
            ORDER BY seq
            """,
            new { conversation })).AsList();
        Assert.Equal(Enumerable.Range(1, (int)lastSeq).Select(seq => (long)seq), seqs);

        using var session = await Service<ReadSessions>().RentAsync();
        var table = Service<MessageTable>();
        List<StoredEvent> stored;
        await using (var rows = await table.Rows[^1].From(session, conversation, lastSeq, descending: true, int.MaxValue - 1).ExecuteReaderAsync())
        {
            stored = MessageRows.Read(rows, conversation, int.MaxValue);
        }

        var kept = head?.Messages(lastSeq, descending: true, int.MaxValue, int.MaxValue) ?? [];
        Assert.Equal(stored.Take(kept.Count).Select(Json), kept.Select(Json));
        Assert.Equal(stored.Select((_, place) => (long)stored.Count - place), stored.Select(message => message.Number));
        Assert.All(kept, message => Assert.Equal(message.Seq, head!.SeqOf(message.Number)));
        // The tests store less than what settles.
        Assert.True(kept.Count == stored.Count, $"{where}: {kept.Count} of {stored.Count} messages are at hand");

        var replay = head?.Events(1, int.MaxValue, int.MaxValue) ?? [];
        Assert.Equal(replay.Count == 0 ? [] : table.EventsAfter(session, conversation, 0, int.MaxValue - 1, int.MaxValue).Select(Json), replay.Select(Json));
    }

    private static string Json(StoredEvent stored) => JsonSerializer.Serialize((ServerEvent)stored.Event, ChatJson.Options);

    private static T One<T>(List<T> items, Random random) => items[random.Next(items.Count)];
}
