using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Server.Conversations;
using Chasqui.Tests.Support;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace Chasqui.Tests.Cluster;

/// <summary>What clients of two servers see of each other.</summary>
[PostgresTests]
public sealed class ManyServersTests
{
    [Fact, Needs(Redis.Program)]
    public async Task ClientsOfAllServersSeeOneOrder()
    {
        await using var servers = await TwoServers.StartAsync();
        var (ada, bob, group) = await servers.MeetAsync();
        await using var first = await ada.ConnectAsync();
        await using var second = await bob.ConnectAsync();
        await first.JoinAsync(group);
        await second.JoinAsync(group);

        await Task.WhenAll(ConversationSequencers.TalkAsync(100, group, ada), ConversationSequencers.TalkAsync(100, group, bob));

        await first.RequireAsync(1, 200);
        await second.RequireAsync(1, 200);
    }

    [Fact, Needs(Redis.Program), FullTier]
    public async Task ClientThatMovesToAnotherServerResumesAtItsSeq()
    {
        await using var servers = await TwoServers.StartAsync();
        var (ada, bob, group) = await servers.MeetAsync();
        await ConversationSequencers.TalkAsync(20, group, ada, bob);
        await using var moved = await ada.On(servers.Second).ConnectAsync();

        await moved.SendAsync(new { type = "join", conversation_id = group, after = 5, request_id = "j" });
        await moved.RequireAsync(6, 20);
        await moved.ReceiveAsync("Ack");
        await ConversationSequencers.TalkAsync(20, group, ada, bob);
        await moved.RequireAsync(21, 40);
    }

    [Fact, Needs(Redis.Program), FullTier]
    public async Task JoinDuringStreamMissesAndRepeatsNothing()
    {
        await using var servers = await TwoServers.StartAsync();
        var (ada, bob, group) = await servers.MeetAsync();
        var talk = Task.WhenAll(ConversationSequencers.TalkAsync(150, group, ada), ConversationSequencers.TalkAsync(150, group, bob));

        var clients = new List<(RawClient Client, long Next)>();
        for (var i = 0; i < 20; i++)
        {
            var client = await (i % 2 == 0 ? ada : bob).ConnectAsync();
            var (seq, live) = await client.JoinLiveAsync(group);
            Assert.Equal(Enumerable.Range(1, live.Count).Select(next => seq + next), live);
            clients.Add((client, seq + live.Count + 1));
        }

        await talk;
        await Task.WhenAll(clients.Select(async joined =>
        {
            await joined.Client.RequireAsync(joined.Next, 300);
            await joined.Client.DisposeAsync();
        }));
    }

    [Fact, Needs(Redis.Program)]
    public async Task MemberRemovedOnOneServerReceivesNothingOnAnother()
    {
        await using var servers = await TwoServers.StartAsync();
        var (ada, bob, group) = await servers.MeetAsync();
        await using var socket = await bob.ConnectAsync();
        await socket.JoinAsync(group);
        await using var witness = await ada.On(servers.Second).ConnectAsync();
        await witness.JoinAsync(group);
        await ada.SendAsync(group, "before");
        await socket.RequireAsync(1, 1);

        Assert.True((await ada.Http.DeleteAsync($"/api/conversations/{group}/participants/{bob.Id}")).IsSuccessStatusCode);
        await ada.SendAsync(group, "after");
        await ada.On(servers.Second).SendAsync(group, "after, and from his own server");
        // His server has delivered both: it knows of the removal. The witness has sent no hello, and does not see seq 2, the removal.
        await witness.RequireAsync(1, 1);
        await witness.RequireAsync(3, 4);

        // He has come back with seq 5, and the two are before that.
        await ada.PostAsync($"/api/conversations/{group}/participants", new { identifier = bob.Id });
        await socket.JoinAsync(group);
        await ada.SendAsync(group, "again");
        await socket.RequireAsync(6, 6);
    }

    [Fact, Needs(Redis.Program)]
    public async Task RemovedMemberAndNewNameAreToldOnAnotherServer()
    {
        await using var servers = await TwoServers.StartAsync();
        var (ada, bob, group) = await servers.MeetAsync();
        var second = await ada.OpenGroupAsync(bob);
        await using var raw = await bob.ConnectAsync();
        await raw.SendAsync(new { type = "hello" });
        await raw.ReceiveAsync("Welcome");
        await using var old = await bob.ConnectAsync();
        await using var hub = await HubClient.ConnectAsync(servers.Second, bob.Token);

        await (await ada.Http.PatchAsJsonAsync($"/api/conversations/{group}", new { name = "Renamed" })).ReadAsync(200);
        Assert.Equal("Renamed", (await NextOfAsync(raw, group, "ConversationUpdated"))["conversation"]!.Text("name"));
        await (await ada.Http.DeleteAsync($"/api/conversations/{group}/participants/{bob.Id}")).ReadAsync(200);
        Assert.Equal("removed", (await NextOfAsync(raw, group, "ConversationRemoved")).Text("reason"));
        var lists = await Task.WhenAll(new[] { servers.First, servers.Second }
            .Select(server => ada.On(server).Http.GetAsync("/api/conversations")));
        Assert.Equal(lists[0].Headers.ETag!.Tag, lists[1].Headers.ETag!.Tag);
        // He leaves on the first server, and hears of it on the second.
        var left = new { conversation_ids = new[] { second } };
        await (await bob.On(servers.First).PostAsync("/api/conversations/leave", left)).ReadAsync(200);
        Assert.Equal("left", (await NextOfAsync(raw, second, "ConversationRemoved")).Text("reason"));

        await raw.PingAsync();
        await old.PingAsync();
        var told = hub.TakeReceived().OfType<ConversationRemoved>()
            .Select(removed => (removed.ConversationId.ToString(), removed.Reason));
        Assert.Equal([(group, RemovalReasons.Removed), (second, RemovalReasons.Left)], told);
    }

    [Fact, FullTier]
    public async Task MemberAddedAgainDuringRemovalIsServed()
    {
        await using var servers = await TwoServers.StartAsync(redis: false);
        var (ada, bob, group) = await servers.MeetAsync();
        await using var first = await bob.ConnectAsync();
        await using var second = await bob.ConnectAsync();
        await first.JoinAsync(group);
        await second.JoinAsync(group);
        var ids = new { group = Stored(group), user = Stored(bob.Id), message = Guid.CreateVersion7().ToByteArray(bigEndian: true) };

        // It has read who is a member, and waits for the message that was stored since.
        await using var slow = servers.OpenDatabase();
        await using var storing = await slow.BeginTransactionAsync();
        await slow.ExecuteAsync(
            """
            LOCK TABLE messages IN ACCESS EXCLUSIVE MODE;
            INSERT INTO messages (conversation_id, seq, number, id, sender_id, content, created_at)
            VALUES (@group, 1, 1, @message, @user, 'stored', 1);
            """,
            ids);
        await using var quick = servers.OpenDatabase();
        await quick.ExecuteAsync(
            """
            BEGIN;
            DELETE FROM participants WHERE conversation_id = @group AND user_id = @user;
            UPDATE conversations SET membership_version = membership_version + 1, last_seq = 1, message_count = 1 WHERE id = @group;
            COMMIT;
            """,
            ids);
        await quick.UntilAsync("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE relation = 'messages'::regclass AND NOT granted)");

        await ada.PostAsync($"/api/conversations/{group}/participants", new { identifier = bob.Id });
        await first.JoinAsync(group);
        await storing.CommitAsync();
        await ada.SendAsync(group, "to whom is back");
        await first.RequireAsync(3, 3);

        await second.JoinAsync(group);
        await ada.SendAsync(group, "to both");
        await first.RequireAsync(4, 4);
        await second.RequireAsync(4, 4);

        static byte[] Stored(string id) => Guid.Parse(id[(id.IndexOf(':', StringComparison.Ordinal) + 1)..]).ToByteArray(bigEndian: true);
    }

    [Fact, Needs(Redis.Program)]
    public async Task ForeignRedisPayloadIsIgnored()
    {
        await using var servers = await TwoServers.StartAsync();
        var (ada, bob, group) = await servers.MeetAsync();
        await using var second = await bob.ConnectAsync();
        await second.JoinAsync(group);
        await ConversationSequencers.TalkAsync(1, group, ada);
        await second.RequireAsync(1, 1);

        foreach (var junk in new[] { "x", new string('x', 16), new string('x', 16) + "null", new string('x', 16) + """{"Number":1,"Events":[{}]}""" })
        {
            await servers.Redis.PublishAsync("chasqui:backplane", junk);
        }

        await ConversationSequencers.TalkAsync(20, group, ada);
        await second.RequireAsync(2, 21);
    }

    [Fact, Needs(Redis.Program), FullTier]
    public async Task EndedTokenClosesSocketsOnEveryServer()
    {
        await using var servers = await TwoServers.StartAsync();
        var (ada, bob, _) = await servers.MeetAsync();
        await using var elsewhere = await ada.On(servers.Second).ConnectAsync();
        await using var disabled = await bob.On(servers.First).ConnectAsync();

        await ada.PostAsync("/api/logout", new { });
        Assert.Equal(4401, await elsewhere.ReceiveCloseAsync());

        await servers.Second.Services.GetRequiredService<AccountStore>().DisableAsync(new UserId(Guid.Parse(bob.Id["user:".Length..])));
        Assert.Equal(4403, await disabled.ReceiveCloseAsync());
    }

    [Fact, Needs(Redis.Program)]
    public async Task MembersOnEveryServerGetConversationEvents()
    {
        await using var servers = await TwoServers.StartAsync();
        var (ada, bob) = (await servers.First.PersonAsync(), await servers.Second.PersonAsync());
        await using var socket = await bob.ConnectAsync();
        await socket.SendAsync(new { type = "hello" });
        await socket.ReceiveAsync("Welcome");

        var group = await ada.OpenGroupAsync(bob);
        Assert.Equal(group, (await socket.ReceiveAsync("ConversationCreated"))["conversation"]!["id"]!.GetValue<string>());

        var eve = await servers.First.PersonAsync();
        await ada.PostAsync($"/api/conversations/{group}/participants", new { identifier = eve.Id });
        Assert.Equal(3, (await socket.ReceiveAsync("ConversationUpdated"))["conversation"]!["participants"]!.AsArray().Count);
    }

    [Fact, Needs(Redis.Program), FullTier]
    public async Task RedisOutageDelaysNothingAndRepeatsNothing()
    {
        await using var servers = await TwoServers.StartAsync();
        var (ada, bob, group) = await servers.MeetAsync();
        await using var first = await ada.ConnectAsync();
        await using var second = await bob.ConnectAsync();
        await first.JoinAsync(group);
        await second.JoinAsync(group);

        await servers.Redis.KillAsync();
        await ConversationSequencers.TalkAsync(20, group, ada);
        await first.RequireAsync(1, 20);
        await second.RequireAsync(1, 20);

        await ConversationSequencers.TalkAsync(1, group, bob);
        await servers.Redis.StartAsync();
        await first.RequireAsync(21, 21);
        await ConversationSequencers.TalkAsync(20, group, ada, bob);
        await first.RequireAsync(22, 41);
        await second.RequireAsync(21, 41);
    }

    [Fact, Needs(Redis.Program, "kill"), FullTier]
    public async Task HaltedRedisLosesNoMessage()
    {
        await using var servers = await TwoServers.StartAsync();
        var (ada, bob, group) = await servers.MeetAsync();
        await using var second = await bob.ConnectAsync();
        await second.JoinAsync(group);
        await ConversationSequencers.TalkAsync(2, group, ada);
        await second.RequireAsync(1, 2);

        await SignalAsync("-STOP");
        await ConversationSequencers.TalkAsync(20, group, ada);
        await second.RequireAsync(3, 22);
        await SignalAsync("-CONT");

        await ConversationSequencers.TalkAsync(20, group, ada);
        await second.RequireAsync(23, 42);

        async Task SignalAsync(string signal)
        {
            using var kill = Process.Start("kill", [signal, $"{servers.Redis.ProcessId}"]);
            await kill.WaitForExitAsync();
        }
    }

    [Fact, Needs(Redis.Program), FullTier]
    public async Task ServerCutOffFromRedisMissesNoMessageAndLosesNone()
    {
        SilentProxy? proxy = null;
        await using var servers = await TwoServers.StartAsync(redisOfSecond: redis => (proxy = new SilentProxy(redis.Port)).Address);
        await using var disposed = proxy!;
        var (ada, bob, group) = await servers.MeetAsync();
        await using var first = await ada.ConnectAsync();
        await using var second = await bob.ConnectAsync();
        await first.JoinAsync(group);
        await second.JoinAsync(group);
        await ConversationSequencers.TalkAsync(2, group, ada, bob);
        await first.RequireAsync(1, 2);
        await second.RequireAsync(1, 2);

        proxy!.FallSilent();
        await ConversationSequencers.TalkAsync(20, group, bob);
        await first.RequireAsync(3, 22);
        await ConversationSequencers.TalkAsync(20, group, ada);
        await first.RequireAsync(23, 42);
        await second.RequireAsync(3, 42);

        proxy.SpeakAgain();
        await ConversationSequencers.TalkAsync(20, group, ada, bob);
        await first.RequireAsync(43, 62);
        await second.RequireAsync(43, 62);
    }

    [Fact, FullTier]
    public async Task ServersWithoutRedisReadEventsFromDatabase()
    {
        await using var servers = await TwoServers.StartAsync(redis: false);
        var (ada, bob, group) = await servers.MeetAsync();
        await using var second = await bob.ConnectAsync();
        await second.JoinAsync(group);

        await ConversationSequencers.TalkAsync(20, group, ada);

        await second.RequireAsync(1, 20);
    }

    [Fact, Needs(Redis.Program), FullTier]
    public async Task ServersStartWithoutTheirRedis()
    {
        await using var redis = new Redis();
        await using var servers = await TwoServers.StartAsync(redisOfSecond: _ => redis.ConnectionString);
        var (ada, bob, group) = await servers.MeetAsync();
        await using var second = await bob.ConnectAsync();
        await second.JoinAsync(group);

        await ConversationSequencers.TalkAsync(20, group, ada, bob);

        await second.RequireAsync(1, 20);
    }

    [Fact, Needs(Redis.Program), FullTier]
    public async Task SignalRClientsSeeTheSameOrder()
    {
        await using var servers = await TwoServers.StartAsync();
        var (ada, bob, group) = await servers.MeetAsync();
        await using var hub = await HubClient.ConnectAsync(servers.Second, bob.Token);
        await hub.JoinAsync(group);

        await Task.WhenAll(ConversationSequencers.TalkAsync(50, group, ada), ConversationSequencers.TalkAsync(50, group, bob));

        for (var seq = 1; seq <= 100; seq++)
        {
            Assert.Equal(seq, (await hub.ReceiveAsync()).Seq);
        }
    }

    [Fact, Needs(Redis.Program), FullTier]
    public async Task ServerWithoutRedisIsReadyAndDegraded()
    {
        await using var servers = await TwoServers.StartAsync();
        using var http = servers.First.Anonymous();
        await UntilAsync("healthy");

        await servers.Redis.KillAsync();
        var health = await UntilAsync("degraded");
        Assert.Contains("Redis", health["checks"]!.AsArray().Single(part => part!.Text("name") == "backplane")!.Text("message"), StringComparison.Ordinal);

        await servers.Redis.StartAsync();
        await UntilAsync("healthy");

        async Task<JsonNode> UntilAsync(string status)
        {
            using var deadline = new CancellationTokenSource(RawClient.Deadline);
            while (true)
            {
                var health = await (await http.GetAsync("/health/ready", deadline.Token)).ReadAsync(200);
                if (health.Text("status") == status)
                {
                    return health;
                }
            }
        }
    }

    /// <summary>The next event, after those that say that the two groups are new: they may come late.</summary>
    private static async Task<JsonObject> NextOfAsync(RawClient socket, string conversation, string type)
    {
        JsonObject next;
        do
        {
            next = await socket.ReceiveAsync();
        }
        while (next.Text("type") == "ConversationCreated");

        Assert.Equal((type, conversation), (next.Text("type"), next["conversation"]?.Text("id") ?? next.Text("conversation_id")));
        return next;
    }
}
