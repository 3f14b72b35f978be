namespace Chasqui.Server.Delivery;

/// <summary>
/// Holds back what one thread says to many connections until all of it is said: each connection then gets its part in one
/// piece, connection by connection, instead of message by message.
/// </summary>
internal static class OutputBatch
{
    [ThreadStatic]
    private static List<ConnectionOutput>? _held;

    /// <summary>Says something, and then sends it.</summary>
    public static void Run(Action say)
    {
        var held = _held = [];
        try
        {
            say();
        }
        finally
        {
            _held = null;
            foreach (var output in held)
            {
                output.Release();
            }
        }
    }

    /// <returns><see langword="false"/> when this thread holds nothing back.</returns>
    public static bool TryHold(ConnectionOutput output)
    {
        if (_held is not { } held)
        {
            return false;
        }

        held.Add(output);
        return true;
    }
}
