using Chasqui.Server.Configuration;
using Chasqui.Server.Storage.Postgres;
using Chasqui.Server.Storage.Sqlite;

namespace Chasqui.Server.Storage;

internal static class StorageServices
{
    /// <summary>
    /// SQLite reads on the calling thread, and .NET adds threads slowly when all are busy: with one thread per core a few long
    /// reads would delay every frame by seconds.
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
        services.AddSingleton(provider => provider.GetRequiredService<IDatabase>().CreateMessageTable());
        services.AddSingleton<ReadSessions>();
        services.AddSingleton<CommitMetrics>();
        services.AddSingleton<Writer>();
        services.AddSingleton<WriteQueue>();
        services.AddSingleton<StorageStartup>();
        services.AddHostedService(provider => provider.GetRequiredService<StorageStartup>());
        return services;
    }
}
