using System.CommandLine;
using Chasqui.Server.Accounts;
using Chasqui.Server.Configuration;

namespace Chasqui.Server.CommandLine;

/// <summary><c>keys</c>: the keys that sign tokens.</summary>
internal static class KeyCommands
{
    public static Command Create(Settings settings) => new("keys", "Manage the keys that sign tokens.")
    {
        Rotate(settings),
    };

    private static Command Rotate(Settings settings)
    {
        var force = new Option<bool>("--force")
        {
            Description = "Rotate although tokens of the key before the previous one are valid. These tokens end.",
        };
        var endAll = new Option<bool>("--end-all")
        {
            Description = "After a leak: end all old keys and all tokens. All users log in again.",
        };
        return new Command("rotate", """
            Make a new key. Tokens of the previous key stay valid; tokens of the key before that do not. A running server uses the
            new key within seconds.
            """)
        {
            force,
            endAll,
        }.WithDatabase(settings, async (parsed, services, _) =>
        {
            var keys = services.GetRequiredService<SigningKeys>();
            if (keys.AreConfigured)
            {
                throw new CommandException("The key is configured. Put a new key into Accounts:SigningKey and the old one into "
                    + "Accounts:PreviousSigningKey, and restart the server.");
            }

            var rotation = parsed.GetValue(endAll) ? await keys.ReplaceAsync() : await keys.RotateAsync(parsed.GetValue(force));
            switch (rotation.Status)
            {
                case RotationStatus.ConfiguredElsewhere:
                    throw new CommandException("The server has a configured key (Accounts:SigningKey), which this command was not given. "
                        + "Rotate it in the configuration. --end-all ends all tokens nevertheless.");
                case RotationStatus.WouldEndTokens:
                    throw new CommandException($"Valid tokens of the key before the previous one would end: {rotation.Tokens}. "
                        + "Wait until they have expired (Accounts:TokenLifetime), or use --force.");
                default:
                    parsed.Print($"The key was rotated. Ended tokens: {rotation.Tokens}.");
                    return ExitCodes.Success;
            }
        });
    }
}
