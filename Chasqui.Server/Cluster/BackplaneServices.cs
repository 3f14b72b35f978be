using Chasqui.Server.Configuration;
using Chasqui.Server.Delivery;
using Chasqui.Server.Presence;
using Chasqui.Server.Storage;
using Chasqui.Server.Transports.SignalR;

namespace Chasqui.Server.Cluster;

internal static class BackplaneServices
{
    /// <summary>Everything that several servers on one database need. A server with its own database uses none of it.</summary>
    public static IServiceCollection AddBackplane(this IServiceCollection services)
    {
        services.AddValidatedOptions<BackplaneOptions>();
        services.AddSingleton<SequencerStore>();
        services.AddSingleton<ConversationSequencers>();
        services.AddSingleton<MembershipChanges>();
        services.AddSingleton<ResyncService>();
        services.AddSingleton<BackplaneQueue>();
        services.AddSingleton<Peers>();
        services.AddSingleton<ClusterFanOut>();
        services.AddSingleton<IFanOut>(provider => IsShared(provider)
            ? provider.GetRequiredService<ClusterFanOut>()
            : provider.GetRequiredService<LocalFanOut>());
        services.AddSingleton<EphemeralQueue>();
        services.AddSingleton<EphemeralLink>();
        services.AddSingleton<ClusterEphemeralFanOut>();
        services.AddSingleton<IEphemeralFanOut>(provider => HasRedis(provider)
            ? provider.GetRequiredService<ClusterEphemeralFanOut>()
            : provider.GetRequiredService<LocalEphemeralFanOut>());
        services.AddSingleton<UncertainCommitHandler>(provider => IsShared(provider)
            ? () => provider.GetRequiredService<ResyncService>().OnUncertainCommit()
            : static () => { });
        services.AddSingleton<RedisBackplane>();
        services.AddSingleton(provider => HostIf<ResyncService>(IsShared(provider), provider));
        services.AddSingleton(provider => HostIf<RedisBackplane>(HasRedis(provider), provider));
        return services;
    }

    private static bool IsShared(IServiceProvider provider) =>
        provider.GetRequiredService<IDatabase>().IsShared;

    /// <exception cref="StartupException">The database cannot be shared.</exception>
    private static bool HasRedis(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<BackplaneOptions>>().Value.Redis is not null
        && (IsShared(provider) ? true : throw new StartupException(
            "Backplane:Redis needs Storage:Provider=Postgres. Only servers with the same database use a backplane."));

    private static IHostedService HostIf<T>(bool isNeeded, IServiceProvider provider)
        where T : class, IHostedService => isNeeded ? provider.GetRequiredService<T>() : new NoService();

    /// <summary>Replaces a service that is not needed. The settings are known only after the registration.</summary>
    private sealed class NoService : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
