using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

/// <summary>Enter, from all kinds of keyboards.</summary>
[FullTier]
[Collection(BrowserTests.Name)]
public sealed class InputTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    private static readonly Look Tablet = new(1180, 820, IsDark: false, IsPhone: true);

    /// <summary>Safari: the composition has ended before the key that ends it, which has the code 229.</summary>
    [Fact, Needs(Browser.Program)]
    public async Task EnterThatEndsACompositionNeitherSendsNorChooses()
    {
        using var grace = await server.PersonAsync();
        await using var ada = await Visitor.RegisterAsync(browser, server.Url);
        await ada.Button("New chat").First.ClickAsync();
        await ada.Page.GetByRole(AriaRole.Combobox).FillAsync(grace.Name);
        await Expect(ada.Page.GetByRole(AriaRole.Option)).ToHaveCountAsync(1);
        await EnterAsync(ada.Page.GetByRole(AriaRole.Combobox), code: "Enter", keyCode: 229);
        await Expect(ada.Page.GetByRole(AriaRole.Option)).ToHaveCountAsync(1);
        await ada.Page.GetByRole(AriaRole.Combobox).PressAsync("Enter");
        await ada.Button("Start chat").ClickAsync();
        await ada.Composer.FillAsync("にほん");

        Assert.False(await EnterAsync(ada.Composer, code: "Enter", keyCode: 229));

        await Expect(ada.Composer).ToHaveValueAsync("にほん");
        await ada.Composer.PressAsync("Enter");
        await Expect(ada.Said).ToHaveTextAsync(["にほん"]);
    }

    [Fact, Needs(Browser.Program)]
    public async Task HardwareKeyboardOfATabletSendsAndItsOnScreenKeyboardStartsANewLine()
    {
        using var grace = await server.PersonAsync();
        await using var ada = await Visitor.RegisterAsync(browser, server.Url, look: Tablet);
        await ada.OpenChatAsync(grace.Name);
        Assert.True(await ada.Page.EvaluateAsync<bool>("() => matchMedia('(pointer: coarse)').matches"));

        await ada.Composer.FillAsync("by Enter");
        await ada.Composer.PressAsync("Enter");
        await ada.Composer.FillAsync("by Control and Enter");
        await ada.Composer.PressAsync("Control+Enter");
        await ada.Composer.FillAsync("by Command and Enter");
        await ada.Composer.PressAsync("Meta+Enter");
        await Expect(ada.Said).ToHaveTextAsync(["by Enter", "by Control and Enter", "by Command and Enter"]);

        await ada.Composer.FillAsync("first line");
        // Android and iOS name on-screen keys like this.
        Assert.False(await EnterAsync(ada.Composer, code: "", keyCode: 13));
        Assert.False(await EnterAsync(ada.Composer, code: "Unidentified", keyCode: 13));
        await ada.Composer.PressAsync("Shift+Enter");
        await Expect(ada.Composer).ToHaveValueAsync("first line\n");
        await Expect(ada.Said).ToHaveCountAsync(3);
    }

    [Fact, Needs(Browser.Program)]
    public async Task ControlAndEnterSendOnADesktopToo()
    {
        using var grace = await server.PersonAsync();
        await using var ada = await Visitor.RegisterAsync(browser, server.Url);
        await ada.OpenChatAsync(grace.Name);

        await ada.Composer.FillAsync("Hello");
        await ada.Composer.PressAsync("Control+Enter");

        await Expect(ada.Said).ToHaveTextAsync(["Hello"]);
    }

    /// <returns>Whether the page handled the key.</returns>
    private static Task<bool> EnterAsync(ILocator field, string code, int keyCode) => field.EvaluateAsync<bool>(
        """
        (field, [code, keyCode]) =>
          !field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", code, keyCode, bubbles: true, cancelable: true }))
        """,
        new object[] { code, keyCode });
}
