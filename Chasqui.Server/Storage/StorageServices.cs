using Chasqui.Server.Configuration;
using Chasqui.Server.Storage.Postgres;
using Chasqui.Server.Storage.Sqlite;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Storage;

internal static class StorageServices
{
    /// <summary>
    /// SQLite reads on the thread that asks, and .NET adds threads one by one when all of them are busy: with one for each
    /// core, a few long reads would keep everybody's frames waiting for seconds.
    /// </summary>
    private const int MinThreads = 32;

    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(Math.Max(workers, MinThreads), completions);
        StorageTypes.Register();
        services.AddValidatedOptions<StorageOptions>();
        services.AddSingleton<IDatabase>(provider => provider.GetRequiredService<IOptions<StorageOptions>>().Value.IsPostgres
            ? ActivatorUtilities.CreateInstance<PostgresDatabase>(provider)
            : ActivatorUtilities.CreateInstance<SqliteDatabase>(provider));
        services.AddSingleton(provider => provider.GetRequiredService<IDatabase>().CreateReaders());
        services.AddSingleton<ReadSessions>();
        services.AddSingleton<CommitMetrics>();
        services.AddSingleton<Writer>();
        services.AddSingleton<WriteQueue>();
        services.AddSingleton<StorageStartup>();
        services.AddHostedService(provider => provider.GetRequiredService<StorageStartup>());
        return services;
    }
}
