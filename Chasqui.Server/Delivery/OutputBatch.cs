namespace Chasqui.Server.Delivery;

/// <summary>
/// While it runs, every output that its thread sends to holds its bytes; afterwards each output sends its part in one packet. The
/// thread-static field is the one ambient value of the server (docs/architecture.md).
/// </summary>
internal static class OutputBatch
{
    [ThreadStatic]
    private static List<ConnectionOutput>? _held;

    public static void Run(Action send)
    {
        var held = _held = [];
        try
        {
            send();
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

    /// <returns><see langword="false"/> outside <see cref="Run"/>.</returns>
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
