using System.Text;

namespace Chasqui.Server.CommandLine;

/// <summary>What is typed at the terminal, or comes from another program.</summary>
internal static class SecretInput
{
    /// <summary>Asks for a secret and does not show it. Never an argument: everybody on the machine can read those.</summary>
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
