using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Chasqui.Server.Accounts;
using Chasqui.Server.Configuration;
using Chasqui.Server.Conversations;
using Chasqui.Server.Introspection;

namespace Chasqui.Server.CommandLine;

/// <summary><c>users</c>: who has an account.</summary>
internal static class UserCommands
{
    public static Command Create(Settings settings) => new("users", "Look after the accounts.")
    {
        List(settings),
        ForOne("disable", "Lock an account: its tokens end, its sockets close with 4403, and it cannot log in.", settings,
            async (services, account, _) =>
            {
                await services.GetRequiredService<AccountStore>().DisableAsync(account.Id);
                return $"{account.Username} is disabled.";
            }),
        ForOne("enable", "Unlock an account.", settings,
            async (services, account, _) =>
            {
                await services.GetRequiredService<AccountStore>().EnableAsync(account.Id);
                return $"{account.Username} is enabled.";
            }),
        SetPassword(settings),
        Delete(settings),
    };

    private static Command List(Settings settings)
    {
        var json = new Option<bool>("--json") { Description = "One JSON object a line, for programs." };
        return new Command("list", "Print every account, in alphabetical order.") { json }.Does(settings, async (parsed, services, cancellationToken) =>
        {
            var users = await services.GetRequiredService<AccountStore>().AllAsync(cancellationToken);
            if (parsed.GetValue(json))
            {
                foreach (var user in users)
                {
                    parsed.Say(JsonSerializer.Serialize(user, Docs.Json(services)));
                }

                return ExitCodes.Done;
            }

            new ListingPage(parsed.InvocationConfiguration.Output).Table(0, [
                ["username", "e-mail", "since", "state", "id"],
                .. users.Select(user => new[]
                {
                    user.Username, user.Email, user.CreatedAt.ToString("u", CultureInfo.InvariantCulture), user.DisabledAt is null ? "" : "disabled", user.Id.ToString(),
                }),
            ]);
            return ExitCodes.Done;
        });
    }

    private static Command SetPassword(Settings settings) => ForOne(
        "set-password",
        "Give an account another password, which is asked for, or read from the first line of the input. Its tokens end.",
        settings,
        async (services, account, cancellationToken) =>
        {
            var users = services.GetRequiredService<UserStore>();
            var password = SecretInput.Read($"New password of {account.Username}: ");
            if (!Passwords.IsAcceptable(password))
            {
                throw new CommandException($"A password {Passwords.Rule}. Nothing was changed.");
            }

            // No costlier than any other: a server that runs would take longer to check it than it takes for a name that nobody
            // has. The next login brings it to the cost that the server is set to.
            var highestCost = await users.HighestPasswordCostAsync(cancellationToken) ?? int.MaxValue;
            // Never refused: in this process nobody else waits for one.
            var hash = await services.GetRequiredService<Passwords>().HashAsync(password, IPAddress.Loopback, cancellationToken, highestCost);
            return await users.ChangePasswordAsync(account, hash!, keptToken: null)
                ? $"The password of {account.Username} is set."
                : throw new CommandException($"{account.Username} has just got another password. Nothing was changed.");
        });

    private static Command Delete(Settings settings)
    {
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        var command = ForOne(
            "delete",
            """
            Delete an account: its name, e-mail address and password. It leaves its groups; what it said stays with the others, under
            an id that is nobody's any more. Its name and e-mail address can be taken again.
            """,
            settings,
            async (services, account, _) =>
            {
                await services.GetRequiredService<AccountStore>().DeleteAsync(account.Id);
                return $"{account.Username} is deleted.";
            },
            confirmed: (parsed, account) => parsed.GetValue(yes) || SecretInput.Confirm($"Delete {account.Username} for good? [y/N] "));
        command.Options.Add(yes);
        return command;
    }

    private static Command ForOne(
        string name,
        string description,
        Settings settings,
        Func<IServiceProvider, Account, CancellationToken, Task<string>> change,
        Func<ParseResult, Account, bool>? confirmed = null)
    {
        var identifier = new Argument<string>("user") { Description = "A username, an e-mail address or an id." };
        return new Command(name, description) { identifier }.Does(settings, async (parsed, services, cancellationToken) =>
        {
            var users = services.GetRequiredService<UserStore>();
            var named = parsed.GetRequiredValue(identifier);
            if (await users.ResolveAsync(named, cancellationToken) is not { } id
                || await users.FindAsync(id, cancellationToken) is not { } account)
            {
                parsed.Complain($"Nobody is known as '{named}'.");
                return ExitCodes.UnknownUser;
            }

            if (confirmed?.Invoke(parsed, account) == false)
            {
                parsed.Complain("Nothing was changed.");
                return ExitCodes.Refused;
            }

            parsed.Say(await change(services, account, cancellationToken));
            return ExitCodes.Done;
        });
    }
}
