using System.Reflection;
using Chasqui.Protocol;
using Chasqui.Server.Configuration;
using Chasqui.Server.Delivery;
using Chasqui.Server.Errors;
using Chasqui.Server.Limits;
using Chasqui.Server.Messages;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Introspection;

/// <summary>What this server speaks and takes, for clients that ask it.</summary>
internal static class ProtocolEndpoint
{
    public const string Path = "/protocol";

    public static void MapProtocol(this RouteGroupBuilder api) => api
        .MapGet(Path, Ask)
        .AllowAnonymous()
        .WithTags("Protocol")
        .WithSummary("What this server speaks and takes")
        .WithDescription("Features by name, limits as they are configured, and every error and close code with a sentence: what a client "
            + "can ask instead of guessing it from a version. Nobody needs a token for it.");

    public static ServerProtocol Of(LimitOptions limits, string epoch) => new()
    {
        Version = ServerVersion.Current,
        Epoch = epoch,
        Features = [.. typeof(Features).GetFields(BindingFlags.Public | BindingFlags.Static).Select(name => (string)name.GetRawConstantValue()!)],
        Limits = new ProtocolLimits
        {
            MaxFrameBytes = limits.MaxFrameBytes,
            MaxBodyBytes = limits.MaxBodyBytes,
            MaxContentCharacters = ChatLimits.MaxContentCharacters,
            MaxClientIdCharacters = ChatLimits.MaxClientIdCharacters,
            MaxReplayedMessages = ChatLimits.MaxReplayedMessages,
            MaxPageMessages = MessageEndpoints.MaxPage,
            MaxConnectionsPerUser = limits.MaxConnectionsPerUser,
            MaxJoinedConversations = limits.MaxJoinedConversations,
            MaxParticipants = limits.MaxParticipants,
            MessagesPer10s = limits.Enabled ? limits.MessagesPer10s : null,
            FramesPer10s = limits.Enabled ? limits.FramesPer10s : null,
            RequestsPer10s = limits.Enabled ? limits.RequestsPer10sPerUser : null,
        },
        HeartbeatMs = (int)Heartbeat.Interval.TotalMilliseconds,
        ErrorCodes = [.. WsModel.Codes
            .Select(constant => ErrorCatalog.Of((string)constant.GetRawConstantValue()!))
            .Select(error => new ProtocolError(error.Code, ErrorCatalog.Status(error.Code), error.Message))],
        CloseCodeFeature = [.. WsModel.CloseCodeFeature.Select(end => new ProtocolClose(end.Code, end.Reason, end.Advice))],
    };

    private static Ok<ServerProtocol> Ask(IOptions<LimitOptions> limits, MessageLog log) => TypedResults.Ok(Of(limits.Value, log.Epoch));
}
