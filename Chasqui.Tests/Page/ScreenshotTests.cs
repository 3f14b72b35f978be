using Chasqui.Tests.Support;

namespace Chasqui.Tests.Page;

/// <summary>Pictures of all views, for people to look at: in <c>screenshots/</c> beside the tests.</summary>
[Collection(BrowserTests.Name)]
public sealed class ScreenshotTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    [FactNeeding(Browser.Program)]
    public async Task EveryViewHasItsPicture()
    {
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "screenshots")).FullName;
        var scene = await Scene.SetAsync(server);
        foreach (var (look, name) in new[]
        {
            (Look.Desktop, "desktop-light"), (Look.Desktop with { IsDark = true }, "desktop-dark"),
            (Look.Phone, "phone-light"), (Look.Phone with { IsDark = true }, "phone-dark"),
        })
        {
            await scene.PlayAsync(browser, look, (page, view) =>
                page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{view}-{name}.png"), Scale = Microsoft.Playwright.ScreenshotScale.Css }));
        }

        Assert.Equal(32, Directory.GetFiles(folder, "*.png").Length);
    }
}
