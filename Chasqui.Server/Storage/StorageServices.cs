using Chasqui.Server.Hosting;

namespace Chasqui.Server.Storage;

internal static class StorageServices
{
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        StorageTypes.Register();
        services.AddValidatedOptions<StorageOptions>();
        services.AddSingleton<SqliteDatabase>();
        services.AddSingleton(provider => provider.GetRequiredService<SqliteDatabase>().CreateReaders());
        services.AddSingleton<WriteQueue>();
        services.AddSingleton<StorageStartup>();
        services.AddHostedService(provider => provider.GetRequiredService<StorageStartup>());
        return services;
    }
}
