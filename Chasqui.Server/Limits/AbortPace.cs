namespace Chasqui.Server.Limits;

/// <summary>
/// Spreads the end of many connections: each takes some tenths of a millisecond of the thread pool, and thousands at once
/// would run before the frames of the chat.
/// </summary>
internal static class AbortPace
{
    private const int AtOnce = 64;

    /// <summary>After some of them, waits until the thread pool has done what it had to do already.</summary>
    /// <param name="aborted">How many there were so far.</param>
    public static async ValueTask AfterAsync(int aborted)
    {
        if (aborted % AtOnce == 0)
        {
            await Task.Yield();
        }
    }
}
