using Chasqui.Protocol.Json;
using Chasqui.Server.Conversations;
using Chasqui.Server.Delivery;
using Chasqui.Server.Hosting;
using Chasqui.Server.Limits;
using Chasqui.Server.Messages;
using Chasqui.Server.Storage;
using Chasqui.Server.Tasks;
using Chasqui.Server.WebSockets;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Hubs;

internal static class ChatServices
{
    /// <summary>
    /// Frames of one connection that may be under way at once, beside the messages that <see cref="RawAnswer"/> answers; the
    /// next one waits in the socket.
    /// </summary>
    private const int MaxFramesUnderWay = 16;

    /// <summary>
    /// .NET clients escape content with up to twelve bytes a character: an invocation may be this many times as long as a
    /// frame. Raw frames are held to their own length before they come here.
    /// </summary>
    private const int InvocationBytesPerFrameByte = 2;

    /// <summary>Clients say it at once. Who never says it keeps nobody waiting.</summary>
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);

    public static IServiceCollection AddChat(this IServiceCollection services)
    {
        services.AddValidatedOptions<DeliveryOptions>();
        services.AddValidatedOptions<CorsOptions>();
        services.AddCors();
        services.AddSignalR(options =>
        {
            options.MaximumParallelInvocationsPerClient = MaxFramesUnderWay;
            options.KeepAliveInterval = Heartbeat.Interval;
            options.HandshakeTimeout = HandshakeTimeout;
            options.AddFilter<RefusalFilter>();
        }).AddJsonProtocol(options => ChatJson.Configure(options.PayloadSerializerOptions));
        services.AddOptions<HubOptions>().Configure<IOptions<LimitOptions>>((hub, limits) =>
            hub.MaximumReceiveMessageSize = InvocationBytesPerFrameByte * limits.Value.MaxFrameBytes);
        // Of two protocols with one name SignalR takes the later.
        services.AddSingleton<IHubProtocol, WordedJsonHubProtocol>();
        services.AddSingleton<RefusalFilter>();
        services.AddSingleton<OpenConnections>();
        services.AddSingleton<ChatLifetimeManager>();
        services.AddSingleton<HubLifetimeManager<ChatHub>>(provider => provider.GetRequiredService<ChatLifetimeManager>());
        services.AddSingleton<FanOut>();
        services.AddSingleton<Announcing>(OutputBatch.Run);
        services.AddSingleton<FramesUnderWay>();
        services.AddSingleton<Drain>();
        services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        services.AddSingleton<RawAdapter>();
        services.AddSingleton<ConnectionOwners>();
        services.AddSingleton<MessageMeasures>();
        services.AddSingleton<MessageLog>();
        services.AddSingleton<MessageStore>();
        services.AddSingleton<MessageTable>(provider => provider.GetRequiredService<IOptions<StorageOptions>>().Value.IsPostgres
            ? new PostgresMessages()
            : ActivatorUtilities.CreateInstance<SqliteMessages>(provider, ActivatorUtilities.CreateInstance<RecentMessages>(provider)));
        services.AddSingleton<WrittenPages>();
        services.AddSingleton<ConversationStore>();
        services.AddSingleton<ParticipantStore>();
        services.AddSingleton<TaskStore>();
        return services;
    }
}
