using Chasqui.Tests.Support;
using Microsoft.Playwright;

namespace Chasqui.Tests.Page;

/// <summary>Debian's Chromium without its windows, which take most of the time; one for many tests of the page.</summary>
public sealed class Browser : IAsyncLifetime
{
    public const string Program = "chromium-headless-shell";

    /// <summary>For every wait: machines that build and test at once are slow.</summary>
    public const float DeadlineMs = 30_000;

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Programs.Find(Program) is null)
        {
            // Each test says why it is skipped.
            return;
        }

        Assertions.SetDefaultExpectTimeout(DeadlineMs);
        _playwright = await Playwright.CreateAsync();
        _browser = await LaunchAsync(_playwright);
    }

    public static Task<IBrowser> LaunchAsync(IPlaywright playwright, string program = Program) => playwright.Chromium.LaunchAsync(new()
    {
        ExecutablePath = Programs.Find(program),
        // Root has no sandbox. /dev/shm is small in containers.
        Args = ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"],
        Timeout = 2 * DeadlineMs,
    });

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    /// <summary>A browser context that shares nothing with the others.</summary>
    public async Task<IBrowserContext> NewAsync(Look? look = null)
    {
        look ??= Look.Desktop;
        var context = await _browser!.NewContextAsync(new()
        {
            ViewportSize = new() { Width = look.Width, Height = look.Height },
            HasTouch = look.IsPhone,
            IsMobile = look.IsPhone,
            DeviceScaleFactor = look.IsPhone ? 2 : 1,
            ColorScheme = look.IsDark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            Locale = "en-GB",
            TimezoneId = "America/Lima",
        });
        context.SetDefaultTimeout(DeadlineMs);
        return context;
    }
}

/// <summary>A window and its colour scheme.</summary>
public sealed record Look(int Width, int Height, bool IsDark, bool IsPhone)
{
    public static readonly Look Desktop = new(1280, 800, IsDark: false, IsPhone: false);

    public static readonly Look Phone = new(390, 844, IsDark: false, IsPhone: true);
}

/// <summary>What the page does, one test after the other in one browser.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserTests : ICollectionFixture<Browser>
{
    public const string Name = "Browser";
}

/// <summary>How the page looks and how much it holds, in a second browser: together they use two processors.</summary>
[CollectionDefinition(Name)]
public sealed class AppearanceTests : ICollectionFixture<Browser>
{
    public const string Name = "Appearance";
}
