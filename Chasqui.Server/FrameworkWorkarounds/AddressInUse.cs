namespace Chasqui.Server.FrameworkWorkarounds;

internal static class AddressInUse
{
    /// <summary>
    /// Whether the server could not listen because another program uses the address. Kestrel throws an <see cref="IOException"/>;
    /// only the exception inside it says why.
    /// </summary>
    public static bool Is(Exception e) => e is IOException { InnerException: AddressInUseException };
}
