using Chasqui.Server.Delivery;
using Chasqui.Server.Errors;

namespace Chasqui.Server.Introspection;

/// <summary>A frame or an event: its <c>type</c>, its hub method or hub event (if it has one), and its record.</summary>
internal sealed record SocketEntry(string Name, string? HubName, Type Record);

/// <summary>The frames, events and codes of the sockets, read from the records and the hub's interfaces.</summary>
internal static class SocketModel
{
    /// <summary>How a SignalR client reads the text of <see cref="Error.ToHubText"/>.</summary>
    public const string HubRefusals = "A refusal at the hub is a `HubException`. Its text ends with `HubException: code: sentence`, "
        + "after SignalR's own words; where waiting helps, ` (retry_after_ms=…)` follows the sentence.";

    /// <summary>The answers to frames that only raw clients send, in addition to an <c>Ack</c> or an <c>Error</c>.</summary>
    public static readonly IReadOnlyDictionary<Type, Type> Answers =
        new Dictionary<Type, Type> { [typeof(Hello)] = typeof(Welcome), [typeof(Ping)] = typeof(Pong) };

    public static readonly RefusalCodes HandshakeRefusals = new(
        ErrorCodes.WebSocketRequired, ErrorCodes.Unauthorized, ErrorCodes.OriginNotAllowed, ErrorCodes.RateLimited,
        ErrorCodes.TooManyConnections, ErrorCodes.Overloaded, ErrorCodes.StorageUnavailable, ErrorCodes.ServerStopping);

    public static IEnumerable<SocketEntry> Frames => Entries(typeof(ClientFrame), typeof(IChatHub));

    public static IEnumerable<SocketEntry> Events => Entries(typeof(ServerEvent), typeof(IChatClient))
        .Select(entry => Answers.Values.Contains(entry.Record) ? entry with { HubName = null } : entry);

    public static IEnumerable<CloseReason> CloseCodes => typeof(CloseReason)
        .GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
        .Select(constant => constant.GetValue(null))
        .OfType<CloseReason>()
        // The framework sends this one: it checks the UTF-8 of text messages.
        .Append(new CloseReason(1007, "a frame that is not UTF-8", "Send text as UTF-8."))
        .DistinctBy(end => end.Code)
        .OrderBy(end => end.Code);

    /// <summary>The constants of <see cref="ErrorCodes"/>.</summary>
    public static IEnumerable<(string Code, FieldInfo Constant)> Codes => typeof(ErrorCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Where(constant => constant.IsLiteral)
        .Select(constant => ((string)constant.GetRawConstantValue()!, constant));

    private static IEnumerable<SocketEntry> Entries(Type baseType, Type hub) => WireShapes.Discriminators(baseType)
        .Select(entry => new SocketEntry(entry.Name, hub.GetMethods().FirstOrDefault(method =>
            method.GetParameters() is [{ } argument] && argument.ParameterType == entry.Type)?.Name, entry.Type));
}
