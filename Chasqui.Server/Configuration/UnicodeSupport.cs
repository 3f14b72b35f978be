namespace Chasqui.Server.Configuration;

/// <summary>
/// Usernames and passwords are compared after Unicode normalization. In the globalization-invariant mode the runtime leaves them as
/// they are, and two spellings of one name would be two accounts.
/// </summary>
internal static class UnicodeSupport
{
    public static void Require()
    {
        if ("e\u0301".Normalize().Length != 1)
        {
            throw new StartupException(
                "The .NET runtime is in its globalization-invariant mode, and cannot compare names: install ICU (libicu, on Alpine icu-libs) "
                + "and unset DOTNET_SYSTEM_GLOBALIZATION_INVARIANT.");
        }
    }
}
