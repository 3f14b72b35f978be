namespace Chasqui.Server.Introspection;

/// <summary>Ids as regular expressions.</summary>
internal static class IdPattern
{
    private const string Uuid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

    /// <summary>An id as the server writes it.</summary>
    public static string OnOutput(string prefix) => $"^{prefix}{Uuid}$";

    /// <summary>An id as the server reads it: with a prefix or bare.</summary>
    public static string OnInput(params string[] prefixes) =>
        (prefixes.Length == 0 ? "^" : $"^({string.Join('|', prefixes)})?") + Uuid.Replace("a-f", "a-fA-F", StringComparison.Ordinal) + "$";
}
