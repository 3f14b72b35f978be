using System.CommandLine;
using Chasqui.Server.Accounts;
using Chasqui.Server.Configuration;

namespace Chasqui.Server.CommandLine;

/// <summary><c>keys</c>: what signs the tokens.</summary>
internal static class KeyCommands
{
    public static Command Create(Settings settings) => new("keys", "Look after the keys that sign the tokens.")
    {
        Rotate(settings),
    };

    private static Command Rotate(Settings settings)
    {
        var force = new Option<bool>("--force")
        {
            Description = "Rotate although tokens of the key before last are still good: they end, and their owners log in again.",
        };
        var endAll = new Option<bool>("--end-all")
        {
            Description = "The keys have leaked: no old one verifies any longer, and everybody logs in again.",
        };
        return new Command("rotate", """
            Make a new key. Tokens that were signed with the one until now stay good, so nobody is thrown out; what was signed with
            the one before that is not. A running server takes it up within seconds.
            """)
        {
            force,
            endAll,
        }.Does(settings, async (parsed, services, _) =>
        {
            var keys = services.GetRequiredService<SigningKeys>();
            if (keys.AreConfigured)
            {
                parsed.Complain("The key is configured: put a new one into Accounts:SigningKey, the one until now into "
                    + "Accounts:PreviousSigningKey, and start the server again.");
                return ExitCodes.Refused;
            }

            var rotation = parsed.GetValue(endAll) ? await keys.ReplaceAsync() : await keys.RotateAsync(parsed.GetValue(force));
            switch (rotation.Status)
            {
                case RotationStatus.ConfiguredElsewhere:
                    parsed.Complain("The server signs with a key of its own configuration (Accounts:SigningKey), which this command was "
                        + "not given. Rotate it there, with Accounts:PreviousSigningKey; --end-all ends every token all the same.");
                    return ExitCodes.Refused;
                case RotationStatus.WouldEndTokens:
                    parsed.Complain($"Tokens are still good that were signed with the key before last, and would end: {rotation.Tokens}. "
                        + "Wait until they have expired (Accounts:TokenLifetime), or say --force.");
                    return ExitCodes.Refused;
                default:
                    parsed.Say("There is a new key; " + rotation.Tokens switch
                    {
                        0 when parsed.GetValue(endAll) => "there was no token to end.",
                        0 => "nobody has to log in again.",
                        1 => "one token was ended.",
                        _ => $"{rotation.Tokens} tokens were ended.",
                    });
                    return ExitCodes.Done;
            }
        });
    }
}
