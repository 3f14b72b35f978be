using System.CommandLine;
using Chasqui.Server.Accounts;
using Chasqui.Server.Configuration;
using Chasqui.Server.Conversations;
using Chasqui.Server.Introspection;

namespace Chasqui.Server.CommandLine;

/// <summary><c>users</c>: accounts.</summary>
internal static class UserCommands
{
    public static Command Create(Settings settings) => new("users", "Manage accounts.")
    {
        List(settings),
        Add(settings),
        ForOne("disable", "Disable an account: its tokens end, its sockets close with 4403, and it cannot log in.", settings,
            async (_, services, account, _) =>
            {
                await services.GetRequiredService<AccountStore>().DisableAsync(account.Id);
                return $"{account.Username} is disabled.";
            }),
        ForOne("enable", "Enable an account.", settings,
            async (_, services, account, _) =>
            {
                await services.GetRequiredService<AccountStore>().EnableAsync(account.Id);
                return $"{account.Username} is enabled.";
            }),
        ForOne("set-password", "Set the password of an account, read from the terminal or from standard input. Its tokens end.", settings,
            SetPasswordAsync),
        Delete(settings),
    };

    private static Command List(Settings settings)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object per line." };
        var list = new Command("list", "Print every account in alphabetical order.") { json };
        return list.WithDatabase(settings, async (parsed, services, cancellationToken) =>
        {
            var users = await services.GetRequiredService<AccountStore>().AllAsync(cancellationToken);
            if (parsed.GetValue(json))
            {
                foreach (var user in users)
                {
                    parsed.Print(JsonSerializer.Serialize(user, Docs.Json(services)));
                }

                return ExitCodes.Success;
            }

            new ListingPage(parsed.InvocationConfiguration.Output).Table(0, [
                ["username", "e-mail", "since", "state", "id"],
                .. users.Select(user => new[]
                {
                    user.Username, user.Email, user.CreatedAt.ToString("u", CultureInfo.InvariantCulture),
                    user.DisabledAt is null ? "" : "disabled", user.Id.ToString(),
                }),
            ]);
            return ExitCodes.Success;
        });
    }

    private static Command Add(Settings settings)
    {
        var username = new Argument<string>("username") { Description = "Letters only, in any script." };
        var email = new Argument<string>("email") { Description = "The e-mail address." };
        return new Command("add", """
            Add an account, also where Accounts:Registration is closed. Its password is read from the terminal or from standard input.
            """)
        {
            username,
            email,
        }.WithDatabase(settings, async (parsed, services, cancellationToken) =>
        {
            var (name, address) = (parsed.GetRequiredValue(username), parsed.GetRequiredValue(email));
            if (new RegisterRequest(name, address, Password: null).NameProblem() is { } problem)
            {
                throw new CommandException($"{problem}. Nothing was changed.");
            }

            var hash = await HashOfInputAsync($"Password of {name}: ", services, cancellationToken);
            var id = UserId.New();
            switch (await services.GetRequiredService<UserStore>().RegisterAsync(id, name, address, hash))
            {
                case Registration.UsernameTaken:
                    throw new CommandException($"The username '{name}' is taken.");
                case Registration.EmailTaken:
                    throw new CommandException($"The e-mail address '{address}' is taken.");
                default:
                    parsed.Print($"{name} is added: {id}.");
                    return ExitCodes.Success;
            }
        });
    }

    private static async Task<string> SetPasswordAsync(
        ParseResult parsed, IServiceProvider services, Account account, CancellationToken cancellationToken)
    {
        var hash = await HashOfInputAsync($"New password of {account.Username}: ", services, cancellationToken);
        return await services.GetRequiredService<UserStore>().ChangePasswordAsync(account, hash, keptToken: null)
            ? $"The password of {account.Username} is set."
            : throw new CommandException($"The password of {account.Username} was changed at the same time. Try again.");
    }

    private static async Task<string> HashOfInputAsync(
        string prompt, IServiceProvider services, CancellationToken cancellationToken)
    {
        var password = SecretInput.Read(prompt);
        if (!Passwords.IsAcceptable(password))
        {
            throw new CommandException($"A password {Passwords.Rule}. Nothing was changed.");
        }

        // Not costlier than the stored hashes: the running server would take longer to check it than for an unknown name. The
        // next login renews the hash with the cost of the server.
        var users = services.GetRequiredService<UserStore>();
        var highestCost = await users.HighestPasswordCostAsync(cancellationToken) ?? int.MaxValue;
        var passwords = services.GetRequiredService<Passwords>();
        // Never null: this process hashes no other password.
        return (await passwords.HashAsync(password, IPAddress.Loopback, cancellationToken, highestCost))!;
    }

    private static Command Delete(Settings settings)
    {
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        var command = ForOne(
            "delete",
            """
            Delete an account: its name, e-mail address and password. It leaves its groups. Its messages stay, under an id without
            an account, and nobody can write to it any more. Its name and e-mail address can be registered again.
            """,
            settings,
            async (parsed, services, account, _) =>
            {
                if (!parsed.GetValue(yes) && !SecretInput.Confirm($"Delete {account.Username} permanently? [y/N] "))
                {
                    throw new CommandException("Nothing was changed.");
                }

                await services.GetRequiredService<AccountStore>().DeleteAsync(account.Id);
                return $"{account.Username} is deleted.";
            });
        command.Options.Add(yes);
        return command;
    }

    private static Command ForOne(
        string name, string description, Settings settings,
        Func<ParseResult, IServiceProvider, Account, CancellationToken, Task<string>> change)
    {
        var identifier = new Argument<string>("user") { Description = "A username, an e-mail address or an id." };
        return new Command(name, description) { identifier }.WithDatabase(settings, async (parsed, services, cancellationToken) =>
        {
            var users = services.GetRequiredService<UserStore>();
            var named = parsed.GetRequiredValue(identifier);
            if (await users.ResolveAsync(named, cancellationToken) is not { } id
                || await users.FindAsync(id, cancellationToken) is not { } account)
            {
                throw new CommandException($"There is no user '{named}'.", ExitCodes.UnknownUser);
            }

            parsed.Print(await change(parsed, services, account, cancellationToken));
            return ExitCodes.Success;
        });
    }
}
