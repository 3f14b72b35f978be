namespace Chasqui.Server.CommandLine;

/// <summary>Input from the terminal, or from another program.</summary>
internal static class SecretInput
{
    /// <summary>Reads a secret without showing it. Not an argument: all users of the machine can read arguments.</summary>
    public static string Read(string question)
    {
        if (Console.IsInputRedirected)
        {
            return Console.In.ReadLine() ?? "";
        }

        Console.Error.Write(question);
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length -= Math.Min(1, typed.Length);
            }
            else if (key.KeyChar != '\0')
            {
                typed.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }

    public static bool Confirm(string question)
    {
        Console.Error.Write(question);
        return Console.In.ReadLine()?.Trim().ToUpperInvariant() is "Y" or "YES";
    }
}
