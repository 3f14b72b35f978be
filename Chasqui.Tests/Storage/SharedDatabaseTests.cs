using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Server.Conversations;
using Chasqui.Tests.Support;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Storage;

/// <summary>Two servers of one PostgreSQL database, with nothing else between them.</summary>
[PostgresTests]
public sealed class SharedDatabaseTests : IAsyncLifetime
{
    private readonly TestServer _one = new() { Store = Store.Postgres };
    private readonly TestServer _other;

    public SharedDatabaseTests() => _other = new TestServer { Store = Store.Postgres, SharesDatabaseOf = _one };

    public async ValueTask InitializeAsync()
    {
        await _one.StartAsync();
        await _other.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _other.DisposeAsync();
        await _one.DisposeAsync();
    }

    [Fact]
    public async Task MessagesOfBothServersHaveDenseSeqsInCommitOrder()
    {
        const int Each = 250;
        using var ana = await _one.PersonAsync();
        using var anaThere = ana.On(_other);
        var room = await ana.OpenGroupAsync();
        await using var here = await ana.ConnectAsync();
        await using var there = await anaThere.ConnectAsync();

        var sending = Task.WhenAll(SendAsync(here, room, "here", Each), SendAsync(there, room, "there", Each));
        var posting = Task.WhenAll(PostAsync(ana, room, "ana", Each), PostAsync(anaThere, room, "ana there", Each));
        // A reader of either server that sees a message sees all before it.
        var seen = await Task.WhenAll(FollowAsync(ana, room, 4 * Each), FollowAsync(anaThere, room, 4 * Each));

        var acknowledged = (await sending).Concat(await posting).SelectMany(sent => sent).OrderBy(sent => sent.Seq).ToArray();
        Assert.Equal(Enumerable.Range(1, 4 * Each).Select(seq => (long)seq), acknowledged.Select(sent => sent.Seq));
        Assert.All(seen, history => Assert.Equal(acknowledged, history));
        Assert.Equal(4 * Each, (await ana.GetAsync("/api/conversations"))[0]!["last_seq"]!.GetValue<long>());
    }

    [Fact]
    public async Task TheSameMessageSentToBothAtOnceIsStoredOnce()
    {
        const int Messages = 40;
        using var ana = await _one.PersonAsync();
        using var anaThere = ana.On(_other);
        var room = await ana.OpenGroupAsync();

        for (var i = 0; i < Messages; i++)
        {
            var message = new { content = $"{i}", client_message_id = $"{i}" };
            var answers = await Task.WhenAll(new[] { ana, anaThere }.Select(async person =>
                await (await person.PostAsync($"/api/conversations/{room}/messages", message)).ReadAsync(200)));

            Assert.Single(answers.Select(answer => answer.Text("id")).Distinct());
            Assert.All(answers, answer => Assert.Equal(i + 1, answer["seq"]!.GetValue<long>()));
            Assert.Single(answers, answer => answer["duplicate"]?.GetValue<bool>() == true);
        }

        Assert.Equal(Messages, (await ana.GetAsync($"/api/conversations/{room}/messages?limit=200")).AsArray().Count);
    }

    [Fact]
    public async Task MemberRemovedOnOneServerCannotSendOnAnother()
    {
        const int MembershipVersion = 10;
        using var ana = await _one.PersonAsync();
        using var ben = await _one.PersonAsync();
        using var benThere = ben.On(_other);
        var room = await ana.OpenGroupAsync(ben);
        await using var socket = await benThere.ConnectAsync();

        for (var i = 0; i < MembershipVersion; i++)
        {
            var first = (await benThere.SendAsync(room, "before"))["seq"]!.GetValue<long>();
            // Removed while he talks.
            var talking = SendUntilRefusedAsync(socket, room, first);
            await (await ana.Http.DeleteAsync($"/api/conversations/{room}/participants/{ben.Id}")).ReadAsync(200);
            var length = await LengthAsync(ana, room);

            await (await benThere.PostAsync($"/api/conversations/{room}/messages", new { content = "after" }))
                .ReadProblemAsync(404, ErrorCodes.ConversationNotFound);
            Assert.Equal(length, await talking);
            Assert.Equal(length, await LengthAsync(ana, room));
            await (await ana.PostAsync($"/api/conversations/{room}/participants", new { identifier = ben.Id })).ReadAsync(200);
        }
    }

    [Fact]
    public async Task NameAndDirectConversationAreUniqueAcrossServers()
    {
        for (var i = 0; i < 10; i++)
        {
            var name = Names.Next();
            var answers = await Task.WhenAll(new[] { _one, _other }.Select(async server =>
            {
                using var http = server.Anonymous();
                return (int)(await http.PostAsync("/api/register", Rest.Json(
                    $$"""{"username":"{{name}}","email":"{{name}}@example.org","password":"correct horse"}"""))).StatusCode;
            }));
            Assert.Equal([200, 409], answers.Order());

            using var ana = await _one.PersonAsync();
            using var ben = await _other.PersonAsync();
            var opened = await Task.WhenAll(ana.OpenAsync("direct", [ben.Id]), ben.OpenAsync("direct", [ana.Id]));
            Assert.Equal(opened[0].Text("id"), opened[1].Text("id"));
        }
    }

    [Fact]
    public async Task FullGroupIsFullOnBothServers()
    {
        await Task.WhenAll(_one.StopAsync(), _other.StopAsync());
        await _one.StartAsync("--Limits:MaxParticipants", "3");
        await _other.StartAsync("--Limits:MaxParticipants", "3");
        using var ana = await _one.PersonAsync();
        using var anaThere = ana.On(_other);
        var people = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _one.PersonAsync()));
        var room = await ana.OpenGroupAsync();

        var answers = await Task.WhenAll(people.Select(async (person, i) => (int)(await (i % 2 == 0 ? ana : anaThere).PostAsync(
            $"/api/conversations/{room}/participants", new { identifier = person.Id })).StatusCode));

        Assert.Equal(2, answers.Count(status => status == 200));
        Assert.Equal(6, answers.Count(status => status == 409));
        Assert.Equal(3, (await ana.GetAsync("/api/conversations"))[0]!.Strings("participants").Length);
    }

    [Fact]
    public async Task MembershipChangesOnTwoServersDoNotDeadlock()
    {
        const int Each = 4, Times = 40;
        using var ana = await _one.PersonAsync();
        using var anaThere = ana.On(_other);
        var rooms = await Task.WhenAll(Enumerable.Range(0, Each).Select(_ => ana.OpenGroupAsync()));
        var guests = await Task.WhenAll(Enumerable.Range(0, 2 * Each).Select(i => (i % 2 == 0 ? _one : _other).PersonAsync()));

        await Task.WhenAll(guests.SelectMany((guest, i) =>
        {
            var (host, room) = (i % 2 == 0 ? ana : anaThere, rooms[i / 2]);
            return new[] { ComeAndGoAsync(host, guest, room, Times), LogOutAsync(guest, Times), PostAsync(host, room, $"{i}", Times) };
        }));

        await Task.WhenAll(_one.StopAsync(), _other.StopAsync());
        Assert.Equal(0, await DeadlocksAsync());
    }

    [Fact]
    public async Task AccountDeletionDoesNotDeadlockWithConversationChanges()
    {
        await _one.StopAsync();
        await _one.StartAsync("--Storage:LockTimeoutSeconds", "20");
        using var ana = await _one.PersonAsync();
        using var ben = await _one.PersonAsync();
        string[] rooms = [.. new[] { await ana.OpenGroupAsync(), await ana.OpenGroupAsync() }.Order(StringComparer.Ordinal)];
        // The later one first: that is the order in which they are found.
        foreach (var room in rooms.Reverse())
        {
            await (await ana.PostAsync($"/api/conversations/{room}/participants", new { identifier = ben.Id })).ReadAsync(200);
        }

        await using var database = _one.OpenDatabase();
        await LockAsync(rooms[0], "BEGIN; ");
        var deleting = _one.Services.GetRequiredService<AccountStore>().DeleteAsync(new UserId(Guid.Parse(ben.Id["user:".Length..])));
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        while (await database.ExecuteScalarAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 0)
        {
            deadline.Token.ThrowIfCancellationRequested();
        }

        await LockAsync(rooms[1]);
        await database.ExecuteAsync("COMMIT");
        await deleting;

        Assert.All((await ana.GetAsync("/api/conversations")).AsArray(), room => Assert.Equal([ana.Id], room!.Strings("participants")));
        await Task.WhenAll(_one.StopAsync(), _other.StopAsync());
        Assert.Equal(0, await DeadlocksAsync());

        Task LockAsync(string room, string before = "") => database.ExecuteAsync(
            before + "SELECT 1 FROM conversations WHERE id = @id FOR NO KEY UPDATE",
            new { id = Guid.Parse(room["conv:".Length..]).ToByteArray(bigEndian: true) });
    }

    /// <summary>Counted by each connection, and told at its end.</summary>
    private async Task<long> DeadlocksAsync()
    {
        await using var database = _one.OpenDatabase();
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        while (await database.ExecuteScalarAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'Chasqui'") > 0)
        {
            deadline.Token.ThrowIfCancellationRequested();
        }

        return await database.ExecuteScalarAsync<long>("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
    }

    private static async Task ComeAndGoAsync(Person host, Person guest, string room, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await (await host.PostAsync($"/api/conversations/{room}/participants", new { identifier = guest.Id })).ReadAsync(200);
            await (await host.Http.DeleteAsync($"/api/conversations/{room}/participants/{guest.Id}")).ReadAsync(200);
        }
    }

    private static async Task LogOutAsync(Person person, int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var again = await person.AgainAsync();
            await (await again.PostAsync("/api/logout", new { })).ReadAsync(200);
        }
    }

    private static async Task<Sent[]> SendAsync(RawClient socket, string room, string name, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await socket.SendAsync(new { type = "message", conversation_id = room, content = $"{name} {i}", request_id = $"{name} {i}" });
        }

        var sent = new Sent[count];
        for (var i = 0; i < count; i++)
        {
            var ack = await socket.ReceiveAsync("Ack");
            sent[i] = new Sent(ack["seq"]!.GetValue<long>(), ack.Text("request_id"));
        }

        return sent;
    }

    private static async Task<Sent[]> PostAsync(Person person, string room, string name, int count)
    {
        var sent = new Sent[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
            sent[i] = Sent.Of(await person.SendAsync(room, $"{name} {i}")));
        return sent;
    }

    /// <summary>Reads on from where it is, again and again, until so many have come.</summary>
    private static async Task<Sent[]> FollowAsync(Person person, string room, int count)
    {
        using var deadline = new CancellationTokenSource(2 * RawClient.Deadline);
        var seen = new List<Sent>();
        while (seen.Count < count)
        {
            deadline.Token.ThrowIfCancellationRequested();
            var page = await person.GetAsync($"/api/conversations/{room}/messages?after={seen.Count}&limit=200");
            foreach (var message in page.AsArray())
            {
                seen.Add(Sent.Of(message!));
                Assert.Equal(seen.Count, seen[^1].Seq);
            }
        }

        return [.. seen];
    }

    private static async Task<long> LengthAsync(Person person, string room) =>
        (await person.GetAsync($"/api/conversations/{room}/messages?limit=1"))[0]!["seq"]!.GetValue<long>();

    /// <returns>The place of the last message that was taken.</returns>
    private static async Task<long> SendUntilRefusedAsync(RawClient socket, string room, long last)
    {
        using var deadline = new CancellationTokenSource(RawClient.Deadline);
        while (true)
        {
            deadline.Token.ThrowIfCancellationRequested();
            await socket.SendAsync(new { type = "message", conversation_id = room, content = "still here", request_id = "r" });
            var answer = await socket.ReceiveAsync();
            if (answer.Text("type") == "Error")
            {
                Assert.Equal(ErrorCodes.ConversationNotFound, answer.Text("code"));
                return last;
            }

            last = answer["seq"]!.GetValue<long>();
        }
    }

    private sealed record Sent(long Seq, string Content)
    {
        public static Sent Of(JsonNode message) => new(message["seq"]!.GetValue<long>(), message.Text("content"));
    }
}
