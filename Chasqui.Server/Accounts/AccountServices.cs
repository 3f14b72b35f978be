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
        services.AddSingleton<Passwords>();
        services.AddSingleton<UserStore>();
        services.AddSingleton<IUserIdProvider, CurrentUser.Provider>();
        services.AddTokenAuthentication();
        services.AddHostedService<AccountStartup>();
        return services;
    }

    /// <summary>Makes the signing key at the first start, not at the first login.</summary>
    private sealed class AccountStartup(SigningKey key) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            _ = key.Value;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
