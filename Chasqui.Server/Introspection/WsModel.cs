using System.Reflection;
using Chasqui.Protocol;
using Chasqui.Server.Delivery;
using Chasqui.Server.Errors;

namespace Chasqui.Server.Introspection;

/// <summary>A frame or an event: what it is called at each door, and the record behind it.</summary>
/// <param name="Name">The <c>type</c> at the raw door.</param>
/// <param name="HubName">The hub method or hub event; <see langword="null"/> where there is none.</param>
/// <param name="Record">The record.</param>
internal sealed record WsEntry(string Name, string? HubName, Type Record);

/// <summary>What goes over the sockets, read from the records and the hub's interfaces.</summary>
internal static class WsModel
{
    /// <summary>How a SignalR client reads what <see cref="Error.ToHubText"/> writes.</summary>
    public const string HubRefusals = "A refusal at the hub is a `HubException` whose text ends with `HubException: code: sentence`, whatever "
        + "SignalR puts before that; where waiting helps, ` (retry_after_ms=…)` follows the sentence.";

    public static IEnumerable<WsEntry> Frames => Entries(typeof(ClientFrame), typeof(IChatHub));

    /// <summary>What answers a frame that only raw clients send, besides an <c>Ack</c> or an <c>Error</c>.</summary>
    public static readonly IReadOnlyDictionary<Type, Type> Answers =
        new Dictionary<Type, Type> { [typeof(Hello)] = typeof(Welcome), [typeof(Ping)] = typeof(Pong) };

    public static IEnumerable<WsEntry> Events => Entries(typeof(ServerEvent), typeof(IChatClient))
        .Select(entry => Answers.Values.Contains(entry.Record) ? entry with { HubName = null } : entry);

    /// <summary>The close codes that the server sends, each with its reason.</summary>
    public static IEnumerable<CloseReason> CloseCodeFeature => typeof(CloseReason)
        .GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
        .Select(constant => constant.GetValue(null))
        .OfType<CloseReason>()
        // The framework's own: it checks the UTF-8 of text messages.
        .Append(new CloseReason(1007, "a frame that is not UTF-8", "Send text as UTF-8."))
        .DistinctBy(end => end.Code)
        .OrderBy(end => end.Code);

    /// <summary>The constants of <see cref="ErrorCodes"/>, for what is written about them.</summary>
    public static IEnumerable<FieldInfo> Codes =>
        typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(constant => constant.IsLiteral);

    /// <summary>How the handshake of the raw door can be refused.</summary>
    public static readonly RefusalCodes HandshakeRefusals = new(
        ErrorCodes.WebSocketRequired, ErrorCodes.Unauthorized, ErrorCodes.OriginNotAllowed, ErrorCodes.RateLimited,
        ErrorCodes.TooManyConnections, ErrorCodes.Overloaded, ErrorCodes.StorageUnavailable, ErrorCodes.ServerStopping);

    private static IEnumerable<WsEntry> Entries(Type baseType, Type hub) => WireShapes.Discriminators(baseType)
        .Select(entry => new WsEntry(entry.Name, hub.GetMethods().FirstOrDefault(method =>
            method.GetParameters() is [{ } argument] && argument.ParameterType == entry.Type)?.Name, entry.Type));
}
