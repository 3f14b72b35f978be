namespace Chasqui.Bench.Reporting;

/// <summary>The live line. On a terminal it overwrites itself.</summary>
internal static class Progress
{
    private static int _length;

    public static void Say(string what)
    {
        if (Console.IsErrorRedirected)
        {
            Console.Error.WriteLine(what);
            return;
        }

        Console.Error.Write('\r' + what.PadRight(_length));
        _length = what.Length;
    }

    public static void End()
    {
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write('\r' + new string(' ', _length) + '\r');
        }
    }
}
