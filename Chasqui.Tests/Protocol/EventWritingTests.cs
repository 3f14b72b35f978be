using System.Text.Json;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Microsoft.AspNetCore.SignalR.Protocol;
using static Chasqui.Tests.Protocol.RawFrames;

namespace Chasqui.Tests.Protocol;

public sealed class EventWritingTests
{
    private const string Time = "2026-01-02T03:04:05.678Z";

    private static readonly Guid Id = Guid.Parse(Uuid);
    private static readonly DateTimeOffset At = DateTimeOffset.Parse(Time, System.Globalization.CultureInfo.InvariantCulture);

    private static readonly Message Said = new()
    {
        Id = new MessageId(Id),
        ConversationId = new ConversationId(Id),
        SenderId = new UserId(Id),
        Content = "Hello world!",
        CreatedAt = At,
        Seq = 42,
    };

    private static readonly Conversation Room = new()
    {
        Id = new ConversationId(Id),
        ConversationType = ConversationTypes.Group,
        Name = "Ours",
        Participants = [new UserId(Id)],
        Members = [new Member(new UserId(Id), "ana", MemberRoles.Owner)],
        MemberCount = 1,
        CreatedAt = At,
        UpdatedAt = At,
        LastSeq = 0,
    };

    private const string RoomJson =
        $$"""{"id":"conv:{{Uuid}}","conversation_type":"group","name":"Ours","participants":["user:{{Uuid}}"],"members":[{"id":"user:{{Uuid}}","username":"ana","role":"owner"}],"member_count":1,"created_at":"{{Time}}","updated_at":"{{Time}}","last_seq":0}""";

    private const string DirectJson =
        $$"""{"id":"conv:{{Uuid}}","conversation_type":"direct","participants":[],"members":[],"member_count":0,"created_at":"{{Time}}","updated_at":"{{Time}}","last_seq":7}""";

    private static readonly Dictionary<string, (ServerEvent Event, string Json)> Table = new()
    {
        ["NewMessage"] = (
            new NewMessage { Message = Said },
            $$$"""{"type":"NewMessage","message":{"id":"msg:{{{Uuid}}}","conversation_id":"{{{Conv}}}","sender_id":"user:{{{Uuid}}}","content":"Hello world!","message_type":"text","created_at":"{{{Time}}}","seq":42}}"""),
        ["NewMessage, beyond ASCII"] = (
            new NewMessage { Message = Said with { Content = "\"\\/\n\0\u2028é😀<&'" } },
            $$$"""{"type":"NewMessage","message":{"id":"msg:{{{Uuid}}}","conversation_id":"{{{Conv}}}","sender_id":"user:{{{Uuid}}}","content":"\"\\/\n\u0000\u2028é\uD83D\uDE00<&'","message_type":"text","created_at":"{{{Time}}}","seq":42}}"""),
        ["Error"] = (
            new Error { Message = "Conversation not found", Code = ErrorCodes.ConversationNotFound },
            """{"type":"Error","message":"Conversation not found","code":"conversation_not_found"}"""),
        ["Error with everything"] = (
            new Error { Message = "Later", Code = ErrorCodes.Overloaded, RequestId = "r7", RetryAfterMs = 500 },
            """{"type":"Error","message":"Later","code":"overloaded","request_id":"r7","retry_after_ms":500}"""),
        ["Ack of a message"] = (
            new Ack
            {
                RequestId = "r7",
                ConversationId = new(Id),
                MessageId = new(Id),
                Seq = 42,
                CreatedAt = At,
                Duplicate = false,
            },
            $$"""{"type":"Ack","request_id":"r7","conversation_id":"{{Conv}}","message_id":"msg:{{Uuid}}","seq":42,"created_at":"{{Time}}","duplicate":false}"""),
        ["Ack of a join"] = (
            new Ack { RequestId = "r8", ConversationId = new(Id), Seq = 0, Replayed = false },
            $$"""{"type":"Ack","request_id":"r8","conversation_id":"{{Conv}}","seq":0,"replayed":false}"""),
        ["Ack of a ping"] = (new Ack { RequestId = "r9" }, """{"type":"Ack","request_id":"r9"}"""),
        ["Pong"] = (new Pong(), """{"type":"Pong"}"""),
        ["Closing"] = (new Closing { RetryAfterMs = 1200 }, """{"type":"Closing","retry_after_ms":1200}"""),
        ["Typing"] = (
            new Typing { ConversationId = new(Id), UserId = new(Id), Active = true },
            $$"""{"type":"Typing","conversation_id":"{{Conv}}","user_id":"user:{{Uuid}}","active":true}"""),
        ["PresenceChanged"] = (
            new PresenceChanged { UserId = new(Id), Status = PresenceStatuses.Away },
            $$"""{"type":"PresenceChanged","user_id":"user:{{Uuid}}","status":"away"}"""),
        ["PresenceChanged, offline"] = (
            new PresenceChanged { UserId = new(Id), Status = PresenceStatuses.Offline, LastSeenAt = At },
            $$"""{"type":"PresenceChanged","user_id":"user:{{Uuid}}","status":"offline","last_seen_at":"{{Time}}"}"""),
        ["ConversationCreated"] = (
            new ConversationCreated { Conversation = Room }, $$"""{"type":"ConversationCreated","conversation":{{RoomJson}}}"""),
        ["ConversationUpdated, direct"] = (
            new ConversationUpdated
            {
                Conversation = Room with
                {
                    ConversationType = ConversationTypes.Direct,
                    Name = null,
                    Participants = [],
                    Members = [],
                    MemberCount = 0,
                    LastSeq = 7,
                },
            },
            $$"""{"type":"ConversationUpdated","conversation":{{DirectJson}}}"""),
        ["ConversationRemoved"] = (
            new ConversationRemoved { ConversationId = new(Id), Reason = RemovalReasons.Left },
            $$"""{"type":"ConversationRemoved","conversation_id":"{{Conv}}","reason":"left"}"""),
    };

    public static TheoryData<string> Names => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void AnEventIsWrittenAsOneFrame(string name)
    {
        var (serverEvent, json) = Table[name];
        Assert.Equal(json, Write(new InvocationMessage(serverEvent.GetType().Name, [serverEvent])));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AClientReadsAnEventBack(string name)
    {
        var json = Table[name].Json;
        var read = JsonSerializer.Deserialize<ServerEvent>(json, ChatJson.Options);
        Assert.Equal(Table[name].Event.GetType(), read!.GetType());
        Assert.Equal(json, JsonSerializer.Serialize(read, ChatJson.Options));
    }

    [Fact]
    public void WelcomeSaysWhoAndWhat()
    {
        var welcome = new Welcome
        {
            ConnectionId = "c1",
            UserId = new UserId(Id),
            ServerVersion = "0.1.0",
            Limits = new WelcomeLimits(ChatLimits.MaxFrameBytes, ChatLimits.MaxContentCharacters),
            HeartbeatMs = 15000,
            Epoch = "e1",
        };
        var written = Write(new InvocationMessage(nameof(Welcome), [welcome]));
        Assert.StartsWith(
            $$"""{"type":"Welcome","connection_id":"c1","user_id":"user:{{Uuid}}","server_version":"0.1.0","limits":{"max_frame_bytes":131072,"max_content_characters":10000""",
            written, StringComparison.Ordinal);
        Assert.EndsWith(""","heartbeat_ms":15000,"epoch":"e1"}""", written, StringComparison.Ordinal);
    }

    [Fact]
    public void ACompletionWithARequestIdIsAnAck() => Assert.Equal(
        """{"type":"Ack","request_id":"r"}""", Write(CompletionMessage.WithResult("r", new Ack { RequestId = "r" })));

    [Fact]
    public void ACompletionWithAnErrorIsAnError() => Assert.Equal(
        """{"type":"Error","message":"No","code":"forbidden","request_id":"r"}""",
        Write(CompletionMessage.WithResult("r", new Error { Message = "No", Code = ErrorCodes.Forbidden, RequestId = "r" })));

    [Fact]
    public void ErrorsWordedBySignalRHoldNoDetails() => Assert.Equal(
        """{"type":"Error","message":"The server failed to carry this out","code":"internal_error","request_id":"r"}""",
        Write(CompletionMessage.WithError("r", "An unexpected error occurred invoking 'Join' on the server.")));

    public static TheoryData<HubMessage> Unwritten => [
        CompletionMessage.WithResult("r", new Ack { ConversationId = new(Id), Seq = 1 }),
        CompletionMessage.Empty("r"),
        PingMessage.Instance,
        CloseMessage.Empty,
        new CloseMessage("The server failed", allowReconnect: true),
    ];

    [Theory]
    [MemberData(nameof(Unwritten), DisableDiscoveryEnumeration = true)]
    public void SignalRMessagesUnknownToRawClientsAreNotWritten(HubMessage message) => Assert.Equal("", Write(message));
}
