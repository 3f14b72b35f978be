using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Tests.Support;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;

namespace Chasqui.Tests.Transports.SignalR;

public abstract class HubTests(TestServer server)
{
    private const char RecordSeparator = '\u001e';

    [Theory]
    [InlineData(HttpTransportType.WebSockets)]
    [InlineData(HttpTransportType.ServerSentEvents)]
    [InlineData(HttpTransportType.LongPolling)]
    public async Task AClientJoinsSendsReceivesAndLeavesOverEveryTransport(HttpTransportType transport)
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await HubClient.ConnectAsync(server, ana.Token, transport);

        var joined = await client.JoinAsync(group);
        Assert.Equal((group, 0L, null), (joined.ConversationId.ToString(), joined.Seq, joined.Replayed));

        var ack = await client.SendAsync(group, "Ñandú 😀\n\"quoted\"");
        var said = await client.ReceiveAsync();
        Assert.Equal(
            (group, ana.Id, "Ñandú 😀\n\"quoted\"", "text", 1L),
            (said.ConversationId.ToString(), said.SenderId.ToString(), said.Content, said.MessageType, said.Seq));
        Assert.Equal(
            new Ack { ConversationId = said.ConversationId, MessageId = said.Id, Seq = 1, CreatedAt = said.CreatedAt, Duplicate = false },
            ack);

        Assert.Equal(new Ack { ConversationId = said.ConversationId }, await client.LeaveAsync(group));
        await client.SendAsync(group, "unheard");
        await client.JoinAsync(group);
        await client.SendAsync(group, "heard");
        Assert.Equal("heard", (await client.ReceiveAsync()).Content);
    }

    [Fact]
    public async Task TheArgumentOfAnEventIsTheRawEventWithoutItsType()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var raw = await ana.ConnectAsync();
        await raw.JoinAsync(group);
        await using var hub = await ConnectToHubAsync(ana);
        await hub.SendTextAsync("{\"protocol\":\"json\",\"version\":1}" + RecordSeparator);
        Assert.Equal("{}" + RecordSeparator, await hub.ReceiveTextAsync());
        await hub.SendTextAsync(
            $$$"""{"type":1,"invocationId":"1","target":"Join","arguments":[{"conversation_id":"{{{group}}}"}]}""" + RecordSeparator);
        Assert.Equal(
            $$$"""{"type":3,"invocationId":"1","result":{"conversation_id":"{{{group}}}","seq":0}}""" + RecordSeparator,
            await hub.ReceiveTextAsync());

        await raw.SendAsync(new { type = "message", conversation_id = group, content = "é😀" });

        var expected = await raw.ReceiveAsync("NewMessage");
        expected.Remove("type");
        var invocation = JsonNode.Parse((await hub.ReceiveTextAsync()).TrimEnd(RecordSeparator))!;
        Assert.Equal((1, "NewMessage"), (invocation["type"]!.GetValue<int>(), invocation["target"]!.GetValue<string>()));
        Assert.Equal(expected.ToJsonString(), Assert.Single(invocation["arguments"]!.AsArray())!.ToJsonString());
    }

    [Fact]
    public async Task ARequestIdComesBackInTheAck()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await HubClient.ConnectAsync(server, ana.Token);

        foreach (var method in new[] { nameof(IChatHub.Join), nameof(IChatHub.SendMessage), nameof(IChatHub.Leave) })
        {
            var ack = await client.InvokeAsync(method, new { conversation_id = group, content = "hi", request_id = method });
            Assert.Equal(method, ack.RequestId);
        }
    }

    [Theory]
    [InlineData("conversation:")]
    [InlineData("")]
    public async Task ConversationIdIsAcceptedAsAliasAndWithoutPrefix(string prefix)
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await HubClient.ConnectAsync(server, ana.Token);
        var ack = await client.InvokeAsync("SendMessage", new { conversation_id = prefix + group["conv:".Length..], content = "hi" });
        Assert.Equal(group, ack.ConversationId.ToString());
    }

    [Fact]
    public async Task MemberWithoutJoinCanSendAndReceivesNothing()
    {
        using var ana = await server.PersonAsync();
        var (quiet, loud) = (await ana.OpenGroupAsync(), await ana.OpenGroupAsync());
        await using var client = await HubClient.ConnectAsync(server, ana.Token);
        await client.JoinAsync(loud);

        Assert.Equal(1, (await client.SendAsync(quiet, "unheard")).Seq);
        await client.SendAsync(loud, "heard");

        Assert.Equal("heard", (await client.ReceiveAsync()).Content);
        Assert.Empty(client.TakeReceived());
    }

    [Fact]
    public async Task JoiningTwiceDoesNotDoubleMessages()
    {
        using var ana = await server.PersonAsync();
        var group = await ana.OpenGroupAsync();
        await using var client = await HubClient.ConnectAsync(server, ana.Token);
        await client.JoinAsync(group);
        await client.JoinAsync(group);

        await client.SendAsync(group, "one");
        await client.SendAsync(group, "two");

        Assert.Equal(["one", "two"], [(await client.ReceiveAsync()).Content, (await client.ReceiveAsync()).Content]);
        Assert.Empty(client.TakeReceived());
    }

    [Fact]
    public async Task TheTokenIsTakenFromTheQueryAndFromTheHeader()
    {
        using var ana = await server.PersonAsync();
        using var http = new HttpClient { BaseAddress = new Uri(server.Url) };
        var inQuery = await http.PostAsync("/hubs/chat/negotiate?negotiateVersion=1&access_token=" + ana.Token, null);
        Assert.NotNull((await inQuery.ReadAsync(200))["connectionToken"]);

        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ana.Token);
        var inHeader = await http.PostAsync("/hubs/chat/negotiate?negotiateVersion=1", null);
        Assert.NotNull((await inHeader.ReadAsync(200))["connectionToken"]);
    }

    [Fact]
    public async Task TheRawProtocolIsNotSpokenAtTheHub()
    {
        using var ana = await server.PersonAsync();
        await using var hub = await ConnectToHubAsync(ana);
        await hub.SendTextAsync("{\"protocol\":\"chasqui-raw\",\"version\":1}" + RecordSeparator);
        Assert.Contains("\"error\"", await hub.ReceiveTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AdditiveEventsReachHubClientWithoutHello()
    {
        using var ana = await server.PersonAsync();
        using var ben = await server.PersonAsync();
        await using var client = await HubClient.ConnectAsync(server, ben.Token);
        var created = new TaskCompletionSource<ConversationCreated>();
        client.Connection.On<ConversationCreated>(nameof(IChatClient.ConversationCreated), created.SetResult);

        var group = await ana.OpenGroupAsync(ben);

        Assert.Equal(group, (await created.Task.WaitAsync(RawClient.Deadline)).Conversation.Id.ToString());
    }

    /// <summary>A bare socket at the hub, to see what goes over the wire.</summary>
    private Task<RawClient> ConnectToHubAsync(Person person) =>
        RawClient.ConnectAsync(new Uri($"{server.WebSocketUrl}/hubs/chat?access_token={person.Token}"));
}

public sealed class SqliteHubTests(TestServer server) : HubTests(server), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresHubTests(PostgresServer server) : HubTests(server), IClassFixture<PostgresServer>;
