using Chasqui.Tests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

/// <summary>Names of scripts that are written from right to left stand where all names stand.</summary>
[FullTier]
[Collection(AppearanceTests.Name)]
public sealed class DirectionTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    private const string Name = "ليلى";

    [Fact, Needs(Browser.Program)]
    public async Task RightToLeftNamesStandNextToTheirPictures()
    {
        using var ada = await server.PersonAsync();
        using var layla = await server.PersonAsync(Name);
        using var other = await server.PersonAsync("ليلىوأحمد");
        var group = (await ada.OpenAsync("group", [layla.Id], Name)).Text("id");
        await ada.SendAsync((await ada.OpenAsync("direct", [layla.Id])).Text("id"), "Hello");
        await layla.SendAsync(group, "Good morning, this is a long line of English words");
        await (await ada.PostAsync("/api/tasks", new { task_name = Name })).ReadAsync(200);
        foreach (var look in new[] { Look.Desktop, Look.Phone })
        {
            await using var visitor = await Visitor.LogInAsync(browser, server.Url, ada.Name, look);
            var page = visitor.Page;
            await Expect(page.Locator(".conversation")).ToHaveCountAsync(2);
            await AssertNextToAsync(page.Locator(".conversation").First, ".avatar");
            await AssertNextToAsync(page.Locator(".conversation").Last, ".avatar");
            var preview = page.Locator(".conversation-preview", new() { HasText = "Good morning" });
            Assert.True(await preview.EvaluateAsync<bool>("""
                preview => {
                  const range = document.createRange();
                  const left = word => {
                    const texts = document.createTreeWalker(preview, NodeFilter.SHOW_TEXT);
                    for (let text; text = texts.nextNode();) {
                      const at = text.data.indexOf(word);
                      if (at >= 0) {
                        range.setStart(text, at);
                        range.setEnd(text, at + word.length);
                        return range.getBoundingClientRect().left;
                      }
                    }
                  };
                  return left("ليلى") < left("Good");
                }
                """), "The sender stands behind the message.");

            await page.Locator(".conversation", new() { HasText = "Good morning" }).ClickAsync();
            await AssertNextToAsync(page.Locator(".conversation-head"), ".avatar");
            await AssertNextToAsync(page.Locator(".message"), ".avatar");
            await visitor.Button("People").ClickAsync();
            await AssertNextToAsync(page.Locator(".member", new() { HasText = Name }), ".avatar");
            await page.GetByRole(AriaRole.Combobox).FillAsync(other.Name);
            await AssertNextToAsync(page.GetByRole(AriaRole.Option), ".avatar");
            await visitor.Button("Done").ClickAsync();

            // A phone shows the link in the list only.
            await page.EvaluateAsync("() => document.querySelector('[data-route=tasks]').click()");
            await AssertNextToAsync(page.Locator(".task"), "input");
        }
    }

    /// <summary>The name begins at most as far from the picture as its row has gaps and the sender's line has padding.</summary>
    private static async Task AssertNextToAsync(ILocator row, string picture)
    {
        await Expect(row).ToBeVisibleAsync();
        var distance = await row.EvaluateAsync<double>(
            """
            (row, picture) => {
              const texts = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
              for (let text; text = texts.nextNode();) {
                if (text.data.startsWith("ليلى") && !text.parentElement.closest(".visually-hidden")) {
                  const range = document.createRange();
                  range.selectNodeContents(text);
                  return range.getBoundingClientRect().left - row.querySelector(picture).getBoundingClientRect().right;
                }
              }
            }
            """,
            picture);
        Assert.InRange(distance, 0, 32);
    }
}
