using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Chasqui.Server.Messages;
using Chasqui.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Messages;

public abstract class ReplayTests(TestServer server)
{
    private const int Stream = 5_000;
    private const int Joiners = 40;
    private const int JoinsEach = 5;

    [Fact, FullTier]
    public async Task JoinWithAfterUnderLoadMissesAndRepeatsNothing()
    {
        using var alice = await server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        await alice.SendAsync(room, "the first");
        var progress = new Progress();

        var raw = Enumerable.Range(0, Joiners).Select(seed => RawJoinsAsync(alice, room, progress, seed));
        var hub = Enumerable.Range(0, Joiners).Select(seed => HubJoinsAsync(alice, room, progress, 1_000 + seed));
        await Task.WhenAll([StreamAsync(alice, room, progress), .. raw, .. hub]);
    }

    [Fact]
    public async Task JoinTooFarBehindIsNotReplayedAndAckHoldsNewestSeq()
    {
        using var alice = await server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        await using var sender = await alice.ConnectAsync();
        await FillAsync(sender, room, ChatLimits.MaxReplayedMessages + 1);
        await using var socket = await alice.ConnectAsync();

        var tooFar = await JoinAsync(socket, room, after: 0);
        Assert.False(tooFar["replayed"]!.GetValue<bool>());
        Assert.Equal(ChatLimits.MaxReplayedMessages + 1, tooFar["seq"]!.GetValue<long>());
        await alice.SendAsync(room, "live");
        Assert.Equal(ChatLimits.MaxReplayedMessages + 2, Seq(await socket.ReceiveAsync("NewMessage")));

        await using var near = await alice.ConnectAsync();
        await near.SendAsync(new { type = "join", conversation_id = room, after = 2, request_id = "near" });
        for (var seq = 3; seq <= ChatLimits.MaxReplayedMessages + 2; seq++)
        {
            Assert.Equal(seq, Seq(await near.ReceiveAsync("NewMessage")));
        }

        var replayed = await near.ReceiveAsync("Ack");
        Assert.True(replayed["replayed"]!.GetValue<bool>());
        Assert.Equal(ChatLimits.MaxReplayedMessages + 2, replayed["seq"]!.GetValue<long>());
    }

    [Fact]
    public async Task DisconnectedClientEndsItsReplay()
    {
        using var alice = await server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        await alice.SendAsync(room, "one");
        var token = Jwt.Payload(alice.Token);
        var gone = new ClientConnection(() => { })
        {
            Output = new ConnectionOutput((_, _) => ValueTask.CompletedTask, 1, _ => { }),
            Frames = null,
            IsRaw = true,
            Credentials = new(new(Guid.Parse(token.Text("sub"))), Guid.Parse(token.Text("jti")), token["exp"]!.GetValue<long>()),
        };
        gone.ClientClosed();
        Assert.True(PrefixedId.TryParse<ConversationId>(room, out var conversation));

        await Assert.ThrowsAsync<OperationCanceledException>(() => server.Services.GetRequiredService<MessageLog>()
            .JoinAfterAsync(conversation, gone.Credentials.User, "gone", after: 0, gone.WhenRoomAsync, CancellationToken.None));
    }

    [Fact]
    public async Task AfterBeyondNewestIsAnsweredWithNewestSeq()
    {
        using var alice = await server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        await alice.SendAsync(room, "one");
        await using var socket = await alice.ConnectAsync();

        var ack = await JoinAsync(socket, room, after: 7);

        Assert.False(ack["replayed"]!.GetValue<bool>());
        Assert.Equal(1, ack["seq"]!.GetValue<long>());
    }

    [Fact]
    public async Task JoiningAgainWithAfterGoesBackAndThenOnWithoutAGap()
    {
        using var alice = await server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        await using var socket = await alice.ConnectAsync();
        await socket.JoinAsync(room);
        await alice.SendAsync(room, "one");
        await alice.SendAsync(room, "two");
        Assert.Equal(1, Seq(await socket.ReceiveAsync("NewMessage")));
        Assert.Equal(2, Seq(await socket.ReceiveAsync("NewMessage")));

        await socket.SendAsync(new { type = "join", conversation_id = room, after = 0 });
        await socket.SendAsync(new { type = "message", conversation_id = room, content = "three" });

        for (var seq = 1; seq <= 3; seq++)
        {
            Assert.Equal(seq, Seq(await socket.ReceiveAsync("NewMessage")));
        }
    }

    [Fact, FullTier]
    public async Task LongReplayDoesNotCountAsSlowReading()
    {
        using var alice = await server.PersonAsync();
        var room = await alice.OpenGroupAsync();
        await using var sender = await alice.ConnectAsync();
        await FillAsync(sender, room, count: 600, content: new string('é', 10_000));
        await using var socket = await alice.ConnectAsync(receiveBuffer: 4096);

        await socket.SendAsync(new { type = "join", conversation_id = room, after = 0, request_id = "far" });

        for (var seq = 1; seq <= 600; seq++)
        {
            Assert.Equal(seq, Seq(await socket.ReceiveAsync("NewMessage")));
        }

        await socket.ReceiveAsync("Ack");
    }

    internal static async Task FillAsync(RawClient sender, string room, int count, string content = "x")
    {
        for (var i = 0; i < count; i++)
        {
            await sender.SendAsync(new { type = "message", conversation_id = room, content, request_id = "fill" });
        }

        for (var i = 0; i < count; i++)
        {
            await sender.ReceiveAsync("Ack");
        }
    }

    private static async Task<System.Text.Json.Nodes.JsonObject> JoinAsync(RawClient socket, string room, long after)
    {
        await socket.SendAsync(new { type = "join", conversation_id = room, after, request_id = "j" });
        return await socket.ReceiveAsync("Ack");
    }

    private static async Task StreamAsync(Person sender, string room, Progress progress)
    {
        await using var socket = await sender.ConnectAsync();
        for (var sent = 1; sent < Stream; sent += 4)
        {
            var window = Math.Min(4, Stream - sent);
            for (var i = 0; i < window; i++)
            {
                await socket.SendAsync(new { type = "message", conversation_id = room, content = "x", request_id = "s" });
            }

            for (var i = 0; i < window; i++)
            {
                progress.Reach((await socket.ReceiveAsync("Ack"))["seq"]!.GetValue<long>());
            }
        }
    }

    private static async Task RawJoinsAsync(Person person, string room, Progress progress, int seed)
    {
        var random = new Random(seed);
        foreach (var start in Starts(random))
        {
            await progress.ReachedAsync(start);
            await using var socket = await person.ConnectAsync();
            var after = Math.Max(0, start - random.Next(900));
            await socket.SendAsync(new { type = "join", conversation_id = room, after, request_id = "j" });
            var stop = Math.Min(Stream, start + random.Next(1, 400));
            var seqs = new List<long>();
            long? first = null;
            while (first is null || first + seqs.Count <= stop)
            {
                var received = await socket.ReceiveAsync();
                if (received["type"]!.GetValue<string>() == "Ack")
                {
                    // The stream may have run out of reach before the join was carried out.
                    first = received["replayed"]!.GetValue<bool>() ? after + 1 : received["seq"]!.GetValue<long>() + 1;
                }
                else
                {
                    seqs.Add(Seq(received));
                }
            }

            Assert.Equal(Enumerable.Range(0, seqs.Count).Select(i => first.Value + i), seqs);
        }
    }

    private static async Task HubJoinsAsync(Person person, string room, Progress progress, int seed)
    {
        var random = new Random(seed);
        foreach (var start in Starts(random))
        {
            await progress.ReachedAsync(start);
            await using var hub = await HubClient.ConnectAsync(person.Server, person.Token);
            var after = Math.Max(0, start - random.Next(900));
            var ack = await hub.JoinAsync(room, after);
            var expected = ack.Replayed == true ? after + 1 : ack.Seq!.Value + 1;
            var stop = Math.Min(Stream, start + random.Next(1, 400));
            while (expected <= stop)
            {
                Assert.Equal(expected++, (await hub.ReceiveAsync<NewMessage>()).Message.Seq);
            }
        }
    }

    private static long[] Starts(Random random) =>
        [.. Enumerable.Range(0, JoinsEach).Select(_ => random.NextInt64(1, Stream)).Order()];

    private static long Seq(System.Text.Json.Nodes.JsonObject newMessage) => newMessage["message"]!["seq"]!.GetValue<long>();

    /// <summary>How far the stream has got; joiners wait for their moment in it.</summary>
    private sealed class Progress
    {
        private readonly Lock _gate = new();
        private readonly PriorityQueue<TaskCompletionSource, long> _waiting = new();
        private long _reached = 1;

        public void Reach(long seq)
        {
            lock (_gate)
            {
                _reached = Math.Max(_reached, seq);
                while (_waiting.TryPeek(out var waiter, out var at) && at <= _reached)
                {
                    _waiting.Dequeue();
                    waiter.SetResult();
                }
            }
        }

        public Task ReachedAsync(long seq)
        {
            lock (_gate)
            {
                if (seq <= _reached)
                {
                    return Task.CompletedTask;
                }

                var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Enqueue(waiter, seq);
                return waiter.Task;
            }
        }
    }
}

public sealed class SqliteReplayTests(TestServer server) : ReplayTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresReplayTests(PostgresServer server) : ReplayTests(server), IClassFixture<PostgresServer>;
