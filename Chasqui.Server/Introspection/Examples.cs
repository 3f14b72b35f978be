using System.Text.Json.Nodes;
using Chasqui.Server.Accounts;
using Chasqui.Server.Configuration;
using Chasqui.Server.Conversations;
using Chasqui.Server.Delivery;
using Chasqui.Server.Health;
using Chasqui.Server.Http;
using Chasqui.Server.Limits;
using Chasqui.Server.Messages;
using Chasqui.Server.Presence;
using Chasqui.Server.Tasks;

namespace Chasqui.Server.Introspection;

/// <summary>
/// The examples of the documents: one conversation of Ada and Grace. They are records of the server, written by its serializer,
/// so that an example always has the form of an answer.
/// </summary>
internal static class Examples
{
    public static readonly UserId Ada = new(Guid.Parse("0199b1e4-6c00-7d3a-8f21-3c5a9e7b1d02"));
    public static readonly UserId Grace = new(Guid.Parse("0199b1e4-8a10-7b44-9c0e-51d2f0a6c813"));
    public static readonly ConversationId Talk = new(Guid.Parse("0199b1e5-0f28-7e61-a7d4-92b8c4e5f036"));
    public static readonly MessageId Greeting = new(Guid.Parse("0199b1e5-3c9a-7a15-b3f8-6e1d7c2a9b54"));
    public static readonly Guid TaskUuid = Guid.Parse("0199b1e6-1d70-7c28-8e95-a4f3b6d8c107");
    private static readonly Guid SessionId = Guid.Parse("0199b1e4-9d21-7f06-b1a9-7c4e2d8f3a65");
    public const string Token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIwMTk5YjFlNCJ9.c2lnbmF0dXJl";
    private const string ClientMessageId = "9f1c2d";
    private const string RequestId = "r7";

    private static readonly DateTimeOffset Opened = new(2026, 1, 5, 9, 30, 0, 120, TimeSpan.Zero);
    private static readonly DateTimeOffset Said = new(2026, 1, 5, 9, 30, 11, 610, TimeSpan.Zero);

    private const string Epoch = "c3d8f0a15b7e2964";

    private static readonly Message SaidMessage = new()
    {
        Id = Greeting,
        ConversationId = Talk,
        SenderId = Ada,
        Content = "Hello world!",
        CreatedAt = Said,
        Seq = 42,
    };

    private static readonly Conversation Opening = new()
    {
        Id = Talk,
        ConversationType = ConversationTypes.Group,
        Name = "Compilers",
        Participants = [Ada, Grace],
        Members =
        [
            new(Ada, "Ada", MemberRoles.Owner, "Ada Lovelace", LastReadSeq: 42),
            new(Grace, "Grace", MemberRoles.Member, LastReadSeq: 41),
        ],
        MemberCount = 2,
        CreatedAt = Opened,
        UpdatedAt = Said,
        LastSeq = 42,
        LastMessage = SaidMessage,
        LastReadSeq = 41,
        UnreadCount = 1,
        UnreadMentions = 0,
    };

    /// <summary>The first one of a type is its main example.</summary>
    private static readonly object[] All =
    [
        new RegisterRequest("Ada", "ada@example.org", "correct horse"),
        new Registered(Ada),
        new LoginRequest("correct horse", Username: "Ada"),
        new LoggedIn(Token),
        new PasswordChange("correct horse", "battery staple"),
        new LoginSession
        {
            Id = SessionId,
            CreatedAt = Opened,
            LastSeenAt = Said,
            Address = "192.0.2.7",
            UserAgent = "Mozilla/5.0 (X11; Linux x86_64)",
            Current = true,
        },
        new IssuedTicket("kq3vX0cT8mW1bYh5dR2sZ7uE9aLpNfJg4oGiQxVtB6w"),
        new Me { Id = Ada, Username = "Ada", DisplayName = "Ada Lovelace", Email = "ada@example.org", CreatedAt = Opened },
        new ProfileChange("Ada Lovelace"),
        new User(Grace, "Grace"),
        new NewTask("Write the first program"),
        new TaskChange(Completed: true),
        new TaskItem { Uuid = TaskUuid, TaskName = "Write the first program", CreatedAt = Opened, UpdatedAt = Opened },
        new NewConversation(ConversationTypes.Group, ["Grace"], "Compilers"),
        Opening,
        new NewParticipants("grace@example.org"),
        new GroupsToLeave([Talk.ToString()]),
        new NewName("Compilers"),
        new Member(Ada, "Ada", MemberRoles.Owner, "Ada Lovelace"),
        new StatusResponse(),
        new NewContent("Hello world!", ClientMessageId),
        new EditedContent("Hello, world!"),
        new ReadPlace(42),
        SaidMessage,
        new SentMessage(SaidMessage) { Duplicate = false },
        new Hello(),
        new Join { ConversationId = Talk, After = 40, RequestId = "r8" },
        new Leave { ConversationId = Talk },
        new SendMessage { ConversationId = Talk, Content = "Hello world!", ClientMessageId = ClientMessageId, RequestId = RequestId },
        new EditMessage { ConversationId = Talk, MessageId = Greeting, Content = "Hello, world!", RequestId = RequestId },
        new DeleteMessage { ConversationId = Talk, MessageId = Greeting, RequestId = RequestId },
        new React { ConversationId = Talk, MessageId = Greeting, Emoji = "👍", RequestId = RequestId },
        new Unreact { ConversationId = Talk, MessageId = Greeting, Emoji = "👍", RequestId = RequestId },
        new MarkRead { ConversationId = Talk, Seq = 42, RequestId = RequestId },
        new SetTyping { ConversationId = Talk, Active = true },
        new SetPresence { Status = PresenceStatuses.Away },
        new Ping(),
        new NewMessage { Message = SaidMessage },
        new MessageEdited { ConversationId = Talk, Seq = 43, MessageId = Greeting, Content = "Hello, world!", EditedAt = Said },
        new MessageDeleted { ConversationId = Talk, Seq = 46, MessageId = Greeting, DeletedBy = Ada, DeletedAt = Said },
        new ReactionAdded
        {
            ConversationId = Talk, Seq = 44, MessageId = Greeting, UserId = Grace, Emoji = "👍", CreatedAt = Said,
        },
        new ReactionRemoved
        {
            ConversationId = Talk, Seq = 45, MessageId = Greeting, UserId = Grace, Emoji = "👍", CreatedAt = Said,
        },
        new MemberAdded
        {
            ConversationId = Talk, Seq = 1, Member = new(Grace, "Grace", MemberRoles.Member), AddedBy = Ada, CreatedAt = Said,
        },
        new MemberRemoved { ConversationId = Talk, Seq = 47, UserId = Grace, RemovedBy = Ada, CreatedAt = Said },
        new ConversationRenamed { ConversationId = Talk, Seq = 48, Name = "Compilers", RenamedBy = Ada, CreatedAt = Said },
        new Error { Message = "Conversation not found", Code = ErrorCodes.ConversationNotFound, RequestId = RequestId },
        new Ack { RequestId = RequestId, ConversationId = Talk, MessageId = Greeting, Seq = 42, CreatedAt = Said, Duplicate = false },
        new Welcome
        {
            ConnectionId = "0HNGQ2V5B7K3E",
            UserId = Ada,
            ServerVersion = ServerVersion.Current,
            Limits = new WelcomeLimits(ChatLimits.MaxFrameBytes, ChatLimits.MaxContentCharacters, MessagesPer10s: 500),
            HeartbeatMs = 15_000,
            Epoch = Epoch,
        },
        new Pong(),
        new ConversationCreated { Conversation = Opening },
        new ConversationUpdated { Conversation = Opening },
        new ConversationRemoved { ConversationId = Talk, Reason = RemovalReasons.Removed },
        new ReadMarkMoved { ConversationId = Talk, UserId = Grace, Seq = 42 },
        new Typing { ConversationId = Talk, UserId = Grace, Active = true },
        new PresenceChanged { UserId = Grace, Status = PresenceStatuses.Offline, LastSeenAt = Said },
        new UserPresence(Grace, PresenceStatuses.Offline, Said),
        new Closing { RetryAfterMs = 1_500 },
        new ServerHealth("healthy", [new("storage", "healthy"), new("drain", "healthy")]),
        ProtocolEndpoint.Of(new LimitOptions(), Epoch) with
        {
            ErrorCodes = [new(ErrorCodes.ContentBlank, 400, "The content must not be blank")],
            CloseCodes = [new(4408, CloseReason.TooSlow.Reason, CloseReason.TooSlow.Advice)],
        },
        new Join { ConversationId = Talk },
        new SendMessage { ConversationId = Talk, Content = "Hello world!" },
        new Ack { RequestId = "r8", ConversationId = Talk, Seq = 42, Replayed = true },
        new Error
        {
            Message = LimitErrors.TooManyFrames.Message,
            Code = ErrorCodes.RateLimited,
            RequestId = RequestId,
            RetryAfterMs = 800,
        },
    ];

    private static readonly ILookup<Type, object> ByType = All.ToLookup(example => example.GetType());

    /// <summary>The main example of a body or an answer; <see langword="null"/> if there is none.</summary>
    public static JsonNode? Of(Type type, JsonSerializerOptions options) =>
        options.GetTypeInfo(type) is { ElementType: { } element } && Of(element, options) is { } one ? new JsonArray(one)
        : (ByType[type].FirstOrDefault() ?? All.FirstOrDefault(type.IsInstanceOfType)) is { } example
            ? JsonSerializer.SerializeToNode(example, type, options)
        : null;

    public static string Id(Type type) =>
        type == typeof(UserId) ? Ada.ToString() : type == typeof(ConversationId) ? Talk.ToString() : Greeting.ToString();

    /// <summary>The examples of a frame or an event, <c>type</c> included, as raw frames.</summary>
    public static IEnumerable<string> OnWire(Type type, JsonSerializerOptions options) => ByType[type]
        .Select(example => example is ClientFrame frame
            ? JsonSerializer.Serialize(frame, options)
            : JsonSerializer.Serialize((ServerEvent)example, options));
}
