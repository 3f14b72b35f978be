namespace Chasqui.Server.Presence;

internal static class PresenceServices
{
    public static IServiceCollection AddPresence(this IServiceCollection services)
    {
        services.AddSingleton<TypingStore>();
        services.AddSingleton<TypingMembers>();
        services.AddSingleton<PresenceStore>();
        services.AddSingleton<PresenceTable>();
        services.AddHostedService<PresenceService>();
        return services;
    }
}
