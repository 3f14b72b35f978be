using System.CommandLine;
using Chasqui.Server.Accounts;
using Chasqui.Server.Configuration;
using Chasqui.Server.Introspection;

namespace Chasqui.Server.CommandLine;

/// <summary><c>invites</c>: invitations to register.</summary>
internal static class InvitationCommands
{
    private const int MaxUses = 1_000_000;
    private const int MaxDays = 3650;

    public static Command Create(Settings settings) =>
        new("invites", "Manage invitations, for a server with Accounts:Registration=invited.")
        {
            Make(settings),
            List(settings),
            Revoke(settings),
        };

    private static Command Make(Settings settings)
    {
        var uses = Number("--uses", "How many accounts it registers.", 1, MaxUses);
        var days = Number("--days", "How many days it is good for.", 7, MaxDays);
        return new Command("create", "Make an invitation, and print it and its link. It is not shown again.") { uses, days }
            .WithDatabase(settings, async (parsed, services, _) =>
            {
                var invitation = await services.GetRequiredService<InvitationStore>().CreateAsync(
                    parsed.GetValue(uses), TimeSpan.FromDays(parsed.GetValue(days)));
                parsed.Print(invitation);
                parsed.Print($"Link: <address of the server>/#invite={invitation}");
                return ExitCodes.Success;
            });
    }

    private static Command List(Settings settings) => new Command("list", "Print every invitation, without its text.")
        .WithDatabase(settings, async (parsed, services, cancellationToken) =>
        {
            var invitations = await services.GetRequiredService<InvitationStore>().ListAsync(cancellationToken);
            new ListingPage(parsed.InvocationConfiguration.Output).Table(0, [
                ["id", "used", "of", "since", "until"],
                .. invitations.Select(invitation => new[]
                {
                    Text(invitation.Id), Text(invitation.Used), Text(invitation.Uses),
                    Text(invitation.CreatedAt), Text(invitation.ExpiresAt),
                }),
            ]);
            return ExitCodes.Success;
        });

    private static Command Revoke(Settings settings)
    {
        var id = new Argument<long>("id") { Description = "Its id in 'invites list'." };
        return new Command("revoke", "Revoke an invitation. Accounts that it registered stay.") { id }
            .WithDatabase(settings, async (parsed, services, _) =>
            {
                var revoked = parsed.GetRequiredValue(id);
                if (!await services.GetRequiredService<InvitationStore>().RevokeAsync(revoked))
                {
                    throw new CommandException($"There is no invitation {Text(revoked)}.");
                }

                parsed.Print($"Invitation {Text(revoked)} is revoked.");
                return ExitCodes.Success;
            });
    }

    private static Option<int> Number(string name, string description, int usual, int max)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "number", DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && (!int.TryParse(result.Tokens[0].Value, out var given) || given < 1 || given > max))
            {
                result.AddError($"{name} must be a number from 1 to {max}");
            }
        });
        return option;
    }

    private static string Text(DateTimeOffset time) => time.ToString("u", CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
