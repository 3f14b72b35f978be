using Chasqui.Server.Hosting;
using Microsoft.AspNetCore.SignalR;

namespace Chasqui.Server.Accounts;

internal static class AccountServices
{
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.AddValidatedOptions<AccountOptions>();
        services.AddSingleton<SigningKey>();
        services.AddSingleton<Tokens>();
        services.AddSingleton<PasswordLane>();
        services.AddSingleton<Passwords>();
        services.AddSingleton<LoginThrottle>();
        services.AddSingleton<UserStore>();
        services.AddSingleton<Logins>();
        services.AddSingleton<IUserIdProvider, CurrentUser.Provider>();
        services.AddTokenAuthentication();
        services.AddHostedService<AccountStartup>();
        return services;
    }

    /// <summary>Makes the signing key at the first start, not at the first login.</summary>
    private sealed class AccountStartup(SigningKey key, UserStore users, Passwords passwords) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            _ = key.Value;
            if (await users.HighestPasswordCostAsync(cancellationToken) is { } cost)
            {
                passwords.OnStored(cost);
            }
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
