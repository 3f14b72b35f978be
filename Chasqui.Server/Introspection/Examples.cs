using System.Text.Json;
using System.Text.Json.Nodes;
using Chasqui.Protocol;
using Chasqui.Server.Accounts;
using Chasqui.Server.Configuration;
using Chasqui.Server.Conversations;
using Chasqui.Server.Delivery;
using Chasqui.Server.Health;
using Chasqui.Server.Http;
using Chasqui.Server.Limits;
using Chasqui.Server.Messages;
using Chasqui.Server.Tasks;

namespace Chasqui.Server.Introspection;

/// <summary>
/// One conversation of Ada and Grace, of which every example in the docs is a piece. They are real records, written by the
/// real serializer, so that an example cannot have a form that the server does not have.
/// </summary>
internal static class Examples
{
    public static readonly UserId Ada = new(Guid.Parse("0199b1e4-6c00-7d3a-8f21-3c5a9e7b1d02"));
    public static readonly UserId Grace = new(Guid.Parse("0199b1e4-8a10-7b44-9c0e-51d2f0a6c813"));
    public static readonly ConversationId Talk = new(Guid.Parse("0199b1e5-0f28-7e61-a7d4-92b8c4e5f036"));
    public static readonly MessageId Greeting = new(Guid.Parse("0199b1e5-3c9a-7a15-b3f8-6e1d7c2a9b54"));
    public static readonly Guid TaskUuid = Guid.Parse("0199b1e6-1d70-7c28-8e95-a4f3b6d8c107");
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
        Members = [new(Ada, "Ada", MemberRoles.Owner), new(Grace, "Grace", MemberRoles.Member)],
        CreatedAt = Opened,
        UpdatedAt = Said,
        LastSeq = 42,
    };

    private static readonly Dictionary<Type, object> ByType = new object[]
    {
        new RegisterRequest("Ada", "ada@example.org", "correct horse"),
        new Registered(Ada),
        new LoginRequest("correct horse", Username: "Ada"),
        new LoggedIn(Token),
        new PasswordChange("correct horse", "battery staple"),
        new IssuedTicket("kq3vX0cT8mW1bYh5dR2sZ7uE9aLpNfJg4oGiQxVtB6w"),
        new Me { Id = Ada, Username = "Ada", Email = "ada@example.org", CreatedAt = Opened },
        new User(Grace, "Grace"),
        new NewTask("Write the first program"),
        new TaskChange(Completed: true),
        new TaskItem { Uuid = TaskUuid, TaskName = "Write the first program", CreatedAt = Opened, UpdatedAt = Opened },
        new NewConversation(ConversationTypes.Group, ["Grace"], "Compilers"),
        Opening,
        new NewParticipant("grace@example.org"),
        new StatusResponse(),
        new NewContent("Hello world!", ClientMessageId),
        SaidMessage,
        new SentMessage(SaidMessage) { Duplicate = false },
        new Hello(),
        new Join { ConversationId = Talk, After = 40, RequestId = "r8" },
        new Leave { ConversationId = Talk },
        new SendMessage { ConversationId = Talk, Content = "Hello world!", ClientMessageId = ClientMessageId, RequestId = RequestId },
        new Ping(),
        new NewMessage { Message = SaidMessage },
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
        new Closing { RetryAfterMs = 1_500 },
        new ServerHealth("healthy", [new("storage", "healthy"), new("drain", "healthy")]),
        ProtocolEndpoint.Of(new LimitOptions(), Epoch) with
        {
            ErrorCodes = [new(ErrorCodes.ContentBlank, 400, "The content must not be blank")],
            CloseCodeFeature = [new(4408, CloseReason.TooSlow.Reason, CloseReason.TooSlow.Advice)],
        },
    }.ToDictionary(example => example.GetType());

    /// <summary>Other forms that a frame or an event can have.</summary>
    private static readonly object[] Others =
    [
        new Join { ConversationId = Talk },
        new SendMessage { ConversationId = Talk, Content = "Hello world!" },
        new Ack { RequestId = "r8", ConversationId = Talk, Seq = 42, Replayed = true },
        new Error
        {
            Message = "This connection sends more frames than the server takes from one",
            Code = ErrorCodes.RateLimited,
            RequestId = RequestId,
            RetryAfterMs = 800,
        },
    ];

    /// <summary>An example of a body or an answer, or <see langword="null"/> when there is none.</summary>
    public static JsonNode? Of(Type type, JsonSerializerOptions options) =>
        options.GetTypeInfo(type) is { ElementType: { } element } && Of(element, options) is { } one ? new JsonArray(one)
        : ByType.TryGetValue(type, out var example) ? JsonSerializer.SerializeToNode(example, type, options)
        : null;

    /// <summary>An example of a prefixed id.</summary>
    public static string Id(Type type) =>
        (type == typeof(UserId) ? Ada.ToString() : type == typeof(ConversationId) ? Talk.ToString() : Greeting.ToString());

    /// <summary>An example of a frame or an event, <c>type</c> included, as it goes over the raw socket.</summary>
    public static string? OnWire(Type type, JsonSerializerOptions options) => OnWire(ByType.GetValueOrDefault(type), options);

    /// <summary>Every example of a frame or an event.</summary>
    public static IEnumerable<string> AllOnWire(Type type, JsonSerializerOptions options) => Others
        .Where(example => example.GetType() == type)
        .Prepend(ByType.GetValueOrDefault(type))
        .Select(example => OnWire(example, options))
        .OfType<string>();

    private static string? OnWire(object? example, JsonSerializerOptions options) => example switch
    {
        ClientFrame frame => JsonSerializer.Serialize(frame, options),
        ServerEvent serverEvent => JsonSerializer.Serialize(serverEvent, options),
        _ => null,
    };
}
