using Chasqui.Server.Configuration;
using Chasqui.Server.Http;

namespace Chasqui.Server.Accounts;

internal static class AccountServices
{
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddValidatedOptions<AccountOptions>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<TokenStore>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<SessionActivity>();
        services.AddSingleton<InvitationStore>();
        services.AddSingleton<TicketStore>();
        services.AddSingleton<Tokens>();
        services.AddSingleton<TokenCache>();
        services.AddSingleton<PasswordHashQueue>();
        services.AddSingleton<Passwords>();
        services.AddSingleton<LoginThrottle>();
        services.AddSingleton<UserStore>();
        services.AddSingleton<PasswordLogin>();
        services.AddSingleton<IUserIdProvider, CurrentUser.Provider>();
        services.AddTokenAuthentication();
        services.AddHostedService<AccountStartup>();
        services.AddHostedService<TokenRevocationService>();
        services.AddHostedService(provider => provider.GetRequiredService<SessionActivity>());
        return services;
    }

    /// <summary>Runs before the server listens.</summary>
    private sealed class AccountStartup(SigningKeys keys, UserStore users, Passwords passwords) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await keys.StartAsync(cancellationToken);
            if (await users.HighestPasswordCostAsync(cancellationToken) is { } cost)
            {
                passwords.OnStored(cost);
            }
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
