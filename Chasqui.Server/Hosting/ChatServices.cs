using Chasqui.Protocol.Json;
using Chasqui.Protocol.Raw;
using Chasqui.Server.Configuration;
using Chasqui.Server.Conversations;
using Chasqui.Server.Delivery;
using Chasqui.Server.Http;
using Chasqui.Server.Limits;
using Chasqui.Server.Messages;
using Chasqui.Server.Storage;
using Chasqui.Server.Tasks;
using Chasqui.Server.Transports;
using Chasqui.Server.Transports.Connections;
using Chasqui.Server.Transports.RawWebSocket;
using Chasqui.Server.Transports.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Chasqui.Server.Hosting;

internal static class ChatServices
{
    /// <summary>Frames of one connection that are carried out at once; the next one waits in the socket.</summary>
    private const int MaxInFlightFrames = 16;

    /// <summary>Clients send the handshake at once.</summary>
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);

    public static IServiceCollection AddChat(this IServiceCollection services)
    {
        services.AddValidatedOptions<DeliveryOptions>();
        services.AddValidatedOptions<CorsOptions>();
        services.AddCors();
        services.AddSingleton<RefusedOrigins>();
        services.AddSignalR(options =>
        {
            options.MaximumParallelInvocationsPerClient = MaxInFlightFrames;
            options.KeepAliveInterval = Heartbeat.Interval;
            options.HandshakeTimeout = HandshakeTimeout;
            options.AddFilter<RefusalFilter>();
        }).AddJsonProtocol(options => ChatJson.Configure(options.PayloadSerializerOptions));
        // A raw frame has its length before it.
        services.AddOptions<HubOptions>().Configure<IOptions<LimitOptions>>((hub, limits) =>
            hub.MaximumReceiveMessageSize = limits.Value.MaxFrameBytes + FrameDelimiter.Size);
        // Replaces SignalR's own: of two protocols with the same name it uses the later.
        services.AddSingleton<IHubProtocol, CheckedJsonHubProtocol>();
        services.AddSingleton<RefusalFilter>();
        services.AddSingleton<ConnectionRegistry>();
        services.AddHostedService<MemoryGuard>();
        services.AddSingleton<ConnectionServer>();
        services.AddSingleton<ChatLifetimeManager>();
        services.AddSingleton<HubLifetimeManager<ChatHub>>(provider => provider.GetRequiredService<ChatLifetimeManager>());
        services.AddSingleton<LocalFanOut>();
        services.AddSingleton<LocalEphemeralFanOut>();
        services.AddSingleton<CommitCallbackRunner>(OutputBatch.Run);
        services.AddSingleton<Drain>();
        services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        services.AddSingleton<RawAdapter>();
        services.AddSingleton<NegotiatedConnections>();
        services.AddSingleton<MessageMetrics>();
        services.AddSingleton<MessageLog>();
        services.AddSingleton<MessageStore>();
        services.AddSingleton<MessageChanges>();
        services.AddSingleton<ReadMarkStore>();
        services.AddSingleton<Mentions>();
        services.AddSingleton<ConversationRows>();
        services.AddSingleton<ConversationStore>();
        services.AddSingleton<ParticipantReader>();
        services.AddSingleton<ParticipantStore>();
        services.AddSingleton<BlockStore>();
        services.AddSingleton<AccountStore>();
        services.AddSingleton<TaskStore>();
        return services;
    }
}
