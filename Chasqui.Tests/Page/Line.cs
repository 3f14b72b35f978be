using Microsoft.Playwright;

namespace Chasqui.Tests.Page;

/// <summary>
/// The way from one page to the API, which can be cut: sockets end, and neither they nor calls come through. Chromium's own
/// offline mode leaves sockets as they are.
/// </summary>
internal sealed class Line
{
    private readonly List<IWebSocketRoute> _sockets = [];
    private volatile bool _isCut;

    public static async Task<Line> LayAsync(IPage page)
    {
        var line = new Line();
        await page.RouteAsync("**/api/**", call => line._isCut ? call.AbortAsync() : call.ContinueAsync());
        await page.RouteWebSocketAsync("**/api/ws/chat*", socket =>
        {
            if (line._isCut)
            {
                _ = socket.CloseAsync();
                return;
            }

            lock (line._sockets)
            {
                line._sockets.Add(socket);
            }

            socket.ConnectToServer();
        });
        return line;
    }

    public async Task CutAsync()
    {
        _isCut = true;
        IWebSocketRoute[] sockets;
        lock (_sockets)
        {
            sockets = [.. _sockets];
            _sockets.Clear();
        }

        foreach (var socket in sockets)
        {
            await socket.CloseAsync(new() { Code = 4000, Reason = "cut" });
        }
    }

    public void Mend() => _isCut = false;
}
