using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

/// <summary>Pictures of all views, written to <c>screenshots/</c> next to the tests.</summary>
[FullTier]
[Collection(AppearanceTests.Name)]
public sealed class ScreenshotTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    /// <summary>What must be in the window, whole and with text, for each view.</summary>
    private static readonly Dictionary<string, string[]> Shown = new()
    {
        ["login"] = [".login-head", ".login-form button.primary"],
        ["register"] = [".login-head", ".login-form button.primary"],
        ["list"] = [".sidebar-head", ".conversation >> nth=0", ".sidebar-foot"],
        ["conversation"] = [".conversation-head", ".message >> nth=-1"],
        ["menu"] = [".message-menu"],
        ["reply"] = [".composer-about", ".message >> nth=-1"],
        ["people"] = [".dialog-head", ".member >> nth=0", ".dialog-foot"],
        ["reconnecting"] = [".banner", ".conversation-head", ".message.pending"],
        ["new-group"] = [".dialog-head", ".dialog-foot"],
        ["tasks"] = [".conversation-head", ".task >> nth=0"],
    };

    [Fact, Needs(Browser.Program)]
    public async Task EveryViewFitsItsWindowAndIsNotBlank()
    {
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "screenshots")).FullName;
        var scene = await Scene.SetAsync(server);
        foreach (var (look, name) in new[]
        {
            (Look.Desktop, "desktop-light"), (Look.Desktop with { IsDark = true }, "desktop-dark"),
            (Look.Phone, "phone-light"), (Look.Phone with { IsDark = true }, "phone-dark"),
        })
        {
            var views = new List<string>();
            await scene.PlayAsync(browser, look, async (page, view) =>
            {
                views.Add(view);
                await AssertFitsAsync(page, view);
                var file = Path.Combine(folder, $"{view}-{name}.png");
                var picture = await page.ScreenshotAsync(new() { Path = file, Scale = ScreenshotScale.Css });
                AssertPicture(picture, look, $"{view}, {name}");
            });
            Assert.Equal(Shown.Keys.Order(), views.Order());
        }
    }

    private static async Task AssertFitsAsync(IPage page, string view)
    {
        foreach (var element in Shown[view])
        {
            await Expect(page.Locator(element)).ToBeInViewportAsync(new() { Ratio = 1 });
            await Expect(page.Locator(element)).Not.ToHaveTextAsync("");
        }

        if (view is "conversation" or "reconnecting")
        {
            await Expect(page.Locator(".composer")).ToBeInViewportAsync(new() { Ratio = 1 });
        }

        var wide = await page.EvaluateAsync<string[]>("""
            () => [document.documentElement, ...document.querySelectorAll("body, main, header, footer, form, .list, .scroller, .dialog")]
              .filter(element => element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1)
              .map(element => `${element.tagName}.${element.className}`)
            """);
        Assert.True(wide.Length == 0, $"{view} scrolls sideways: {string.Join(", ", wide)}");
    }

    /// <summary>A PNG of the window's size, with more than a few colours.</summary>
    private static void AssertPicture(byte[] png, Look look, string described)
    {
        Assert.Equal(look.Width, BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)));
        Assert.Equal(look.Height, BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));
        using var compressed = new MemoryStream();
        for (var at = 8; at < png.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            if (Encoding.ASCII.GetString(png, at + 4, 4) == "IDAT")
            {
                compressed.Write(png, at + 8, length);
            }

            at += length + 12;
        }

        compressed.Position = 0;
        using var pixels = new MemoryStream();
        using (var inflating = new ZLibStream(compressed, CompressionMode.Decompress))
        {
            inflating.CopyTo(pixels);
        }

        // Of the filtered rows: an area of one colour is zeros.
        var values = pixels.GetBuffer().AsSpan(0, (int)pixels.Length).ToArray().Distinct().Count();
        Assert.True(values > 100, $"{described} is blank: {values} different bytes");
    }
}
