using Chasqui.Tests.Support;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

[FullTier]
[Collection(AppearanceTests.Name)]
public sealed class AccessTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    [Fact, Needs(Browser.Program)]
    public async Task AxeFindsNoFaultInLightAndDarkOnDesktopAndPhone()
    {
        var scene = await Scene.SetAsync(server);
        var axe = new BundledAxeScriptProvider().GetScript();
        foreach (var look in new[] { Look.Desktop, Look.Desktop with { IsDark = true }, Look.Phone, Look.Phone with { IsDark = true } })
        {
            await scene.PlayAsync(browser, look, async (page, view) =>
            {
                // The package for Playwright opens a page of its own for each result, which takes seconds.
                await page.EvaluateAsync(axe);
                var faults = await page.EvaluateAsync<string[]>("""
                    async () => (await axe.run()).violations
                        .flatMap(({ id, impact, nodes }) => nodes.map(node => `${impact} ${id}: ${node.html}`))
                    """);
                Assert.True(faults.Length == 0, $"{view}, {look}: {string.Join('\n', faults)}");
            });
        }
    }

    /// <summary>Registers, finds a user, sends, walks the list and leaves, with the keyboard only.</summary>
    [Fact, Needs(Browser.Program)]
    public async Task EverythingCanBeDoneWithTheKeyboard()
    {
        using var grace = await server.PersonAsync();
        using var linus = await server.PersonAsync();
        var name = Names.Next();
        await using var ada = await Visitor.ArriveAsync(browser, server.Url, name);
        var keys = ada.Page.Keyboard;
        await Expect(ada.Field("Username or e-mail address")).ToBeFocusedAsync();
        await TabToAsync(ada, ada.Button("Create an account"));
        await keys.PressAsync("Enter");
        foreach (var text in new[] { name, name + "@example.org", Person.Password })
        {
            await keys.TypeAsync(text);
            await keys.PressAsync("Tab");
        }

        await Expect(ada.Button("Create account")).ToBeFocusedAsync();
        await keys.PressAsync("Enter");
        await ada.IsInAsync();

        foreach (var other in new[] { grace, linus })
        {
            await TabToAsync(ada, ada.Button("New chat").First);
            await keys.PressAsync("Enter");
            await Expect(ada.Page.GetByRole(AriaRole.Combobox)).ToBeFocusedAsync();
            await keys.TypeAsync(other.Name);
            await Expect(ada.Page.GetByRole(AriaRole.Option, new() { Name = other.Name, Exact = true })).ToBeVisibleAsync();
            await keys.PressAsync("Enter");
            await TabToAsync(ada, ada.Button("Start chat"));
            await keys.PressAsync("Enter");
            await Expect(ada.Composer).ToBeFocusedAsync();
            await keys.TypeAsync($"Hello {other.Name}");
            await keys.PressAsync("Shift+Enter");
            await keys.TypeAsync("How are you?");
            await keys.PressAsync("Enter");
            await Expect(ada.Said).ToHaveTextAsync([$"Hello {other.Name}\nHow are you?"]);
        }

        var list = ada.Page.Locator(".conversation");
        await Expect(list).ToHaveCountAsync(2);
        await TabToAsync(ada, list.First);
        await keys.PressAsync("ArrowDown");
        await Expect(list.Last).ToBeFocusedAsync();
        await keys.PressAsync("Enter");
        await Expect(ada.Page.GetByRole(AriaRole.Heading, new() { Name = grace.Name })).ToBeVisibleAsync();
        await TabToAsync(ada, ada.Button("New chat").First);
        await keys.PressAsync("Enter");
        await Expect(ada.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await keys.PressAsync("Escape");
        await Expect(ada.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(ada.Button("New chat").First).ToBeFocusedAsync();
    }

    /// <summary>Presses Tab until it is there; a place that Tab does not reach is one that some people never get to.</summary>
    private static async Task TabToAsync(Visitor visitor, ILocator place)
    {
        for (var presses = 0; presses < 40; presses++)
        {
            if (await place.EvaluateAsync<bool>("element => element === document.activeElement"))
            {
                // The focus must be visible.
                Assert.NotEqual("none", await place.EvaluateAsync<string>("element => getComputedStyle(element).outlineStyle"));
                return;
            }

            await visitor.Page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"Tab does not lead to {place}");
    }
}
