using Chasqui.Server.Configuration;
using Chasqui.Server.Delivery;
using Chasqui.Server.Storage;
using Chasqui.Server.Transports.SignalR;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Cluster;

internal static class BackplaneServices
{
    /// <summary>What lets many servers serve the conversations of one database; one that has its own database needs none of it.</summary>
    public static IServiceCollection AddBackplane(this IServiceCollection services)
    {
        services.AddValidatedOptions<BackplaneOptions>();
        services.AddSingleton<SequencerStore>();
        services.AddSingleton<MembershipChangeStore>();
        services.AddSingleton<MembershipChangeReader>();
        services.AddSingleton<ConversationSequencers>();
        services.AddSingleton<ResyncRequests>();
        services.AddSingleton<BackplaneQueue>();
        services.AddSingleton<Peers>();
        services.AddSingleton<ClusterFanOut>();
        services.AddSingleton<IFanOut>(provider => IsShared(provider)
            ? provider.GetRequiredService<ClusterFanOut>()
            : provider.GetRequiredService<LocalFanOut>());
        services.AddSingleton<UncertainCommitHandler>(provider => IsShared(provider) ? provider.GetRequiredService<ResyncRequests>().Storage : static () => { });
        services.AddSingleton<IHostedService>(provider => new Optional(IsShared(provider) ? Create<ResyncService>(provider) : null));
        services.AddSingleton<IHostedService>(provider => new Optional(HasRedis(provider) ? Create<RedisBackplane>(provider) : null));
        return services;
    }

    private static bool IsShared(IServiceProvider provider) => provider.GetRequiredService<IDatabase>().IsShared;

    /// <exception cref="StartupException">The database is not one that servers can share.</exception>
    private static bool HasRedis(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<BackplaneOptions>>().Value.Redis is not null
        && (IsShared(provider) ? true : throw new StartupException(
            "Backplane:Redis needs Storage:Provider=Postgres: servers that share no database have nothing to tell each other."));

    private static T Create<T>(IServiceProvider provider) => ActivatorUtilities.CreateInstance<T>(provider);

    /// <summary>A service that runs only where the settings ask for it: they are known only once all are registered.</summary>
    private sealed class Optional(IHostedService? service) : IHostedService, IDisposable
    {
        public Task StartAsync(CancellationToken cancellationToken) => service?.StartAsync(cancellationToken) ?? Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => service?.StopAsync(cancellationToken) ?? Task.CompletedTask;

        public void Dispose() => (service as IDisposable)?.Dispose();
    }
}
