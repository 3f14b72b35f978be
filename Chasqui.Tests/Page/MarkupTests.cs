using Chasqui.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Chasqui.Tests.Page;

[FullTier]
[Collection(AppearanceTests.Name)]
public sealed class MarkupTests(Browser browser, TestServer server) : IClassFixture<TestServer>
{
    /// <summary>What is written, and the HTML that is shown.</summary>
    private static readonly (string Written, string Shown)[] Formatted =
    [
        ("a **bold** and _slanted_ `c**o**de`", "a <strong>bold</strong> and <em>slanted</em> <code dir=\"ltr\">c**o**de</code>"),
        ("**bold _both_**, (_x_)!", "<strong>bold <em>both</em></strong>, (<em>x</em>)!"),
        ("**one _two** three_", "<strong>one _two</strong> three_"),
        ("**a **b** 🎉_c_🎉", "**a <strong>b</strong> 🎉<em>c</em>🎉"),
        ("这是**重点**内容", "这是<strong>重点</strong>内容"),
        ("مرحبا _ليلى_ **نعم**", "مرحبا <em>ليلى</em> <strong>نعم</strong>"),
        ("``a`b`` and `` ` ``", "<code dir=\"ltr\">a`b</code> and <code dir=\"ltr\">`</code>"),
        ("```\nlet a = **1**;\n\n  b_c_d\n```\nafter", "<pre dir=\"ltr\"><code>let a = **1**;\n\n  b_c_d</code></pre>after"),
        ("```js\n<b>\n```", "<pre dir=\"ltr\"><code>&lt;b&gt;</code></pre>"),
        ("> one\n> **two**\nthree", "<blockquote dir=\"auto\">one\n<strong>two</strong></blockquote>three"),
        ("> > deep\n> - a",
            "<blockquote dir=\"auto\"><blockquote dir=\"auto\">deep</blockquote><ul><li dir=\"auto\">a</li></ul></blockquote>"),
        ("For lunch:\n- soup\n- _fish_", "For lunch:<ul><li dir=\"auto\">soup</li><li dir=\"auto\"><em>fish</em></li></ul>"),
        ("1. one\n3. three", "<ol><li dir=\"auto\" value=\"1\">one</li><li dir=\"auto\" value=\"3\">three</li></ol>"),
        ("See https://example.org/a_b_c?d=(e)_f.", $"See {Link("https://example.org/a_b_c?d=(e)_f")}."),
        ("(https://example.org/Foo_(bar)), HTTP://EXAMPLE.ORG!",
            $"({Link("https://example.org/Foo_(bar)")}), {Link("HTTP://EXAMPLE.ORG")}!"),
        ("**https://example.org/x** mailto:ada@example.org;",
            $"<strong>{Link("https://example.org/x")}</strong> {Link("mailto:ada@example.org")};"),
        ("请看https://example.org/路。好", $"请看{Link("https://example.org/路")}。好"),
    ];

    /// <summary>No marks, or marks that nothing closes: shown, and copied, as written.</summary>
    private static readonly string[] Plain =
    [
        "snake_case_name __init__ a_b_ x_y_ __a_b", "2 * 3 ** 4 **", "***a*** ** b ** _ c _", "**open _open `open ``open", "```\nnever closed",
        "-no list\n- \n1.no\n1984. A year\n>no quote\n  - no", "javascript:alert(1) data:text/html,x file:///etc ftp://example.org vbscript:x",
        "http:// https:// mailto: mailto:x xhttps://example.org https://[", "[text](javascript:alert(1)) <https> www.example.org",
        "two\nlines\n\n  and  spaces", "**line\nbreak** _line\nbreak_ `line\nbreak`", "👩‍👩‍👧‍👦 **", "\u202Eright to left\u202C _", "a\\_b\\*\\*c",
    ];

    [Fact, Needs(Browser.Program)]
    public async Task MarksAreFormattedAndEverythingElseStaysAsWritten()
    {
        using var ada = await server.PersonAsync();
        using var grace = await server.PersonAsync();
        var room = await ada.OpenGroupAsync(grace);
        foreach (var text in Formatted.Select(each => each.Written).Concat(Plain))
        {
            await ada.SendAsync(room, text);
        }

        await using var visitor = await Visitor.LogInAsync(browser, server.Url, grace.Name);
        await visitor.OpenAsync("Test");
        await Expect(visitor.Said).ToHaveCountAsync(Formatted.Length + Plain.Length);

        var shown = await visitor.Said.EvaluateAllAsync<string[]>("all => all.map(text => text.innerHTML)");
        Assert.Equal(Formatted.Select(each => each.Shown), shown[..Formatted.Length]);
        Assert.Equal(Plain, (await visitor.Said.AllTextContentsAsync()).Skip(Formatted.Length));
        var copied = await visitor.Said.EvaluateAllAsync<string[]>("""
            all => all.map(text => {
              getSelection().selectAllChildren(text);
              return getSelection().toString();
            })
            """);
        Assert.Equal(Plain, copied[Formatted.Length..]);
        Assert.All(
            await visitor.Page.Locator(".text :not(a)")
                .EvaluateAllAsync<string[]>("all => all.flatMap(each => each.getAttributeNames())"),
            name => Assert.Contains(name, new[] { "dir", "value" }));
    }

    [Fact, Needs(Browser.Program)]
    public async Task ListShowsPlainTextOfMarkedMessage()
    {
        using var ada = await server.PersonAsync();
        using var grace = await server.PersonAsync();
        await ada.SendAsync(await ada.OpenGroupAsync(grace), "> **Ship** it\n- `now` _please_\nsnake_case");
        await using var visitor = await Visitor.LogInAsync(browser, server.Url, grace.Name);

        await Expect(visitor.Page.Locator(".conversation-preview")).ToHaveTextAsync($"{ada.Name}: Ship it now please snake_case");
    }

    /// <summary>Twenty times the longest message: what takes quadratic time takes minutes.</summary>
    [Fact, Needs(Browser.Program)]
    public async Task HostileTextIsFormattedInLinearTime()
    {
        await using var visitor = await Visitor.RegisterAsync(browser, server.Url);

        var slow = await visitor.Page.EvaluateAsync<string[]>("""
            async () => {
              // The module that the page has loaded.
              const address = performance.getEntriesByType("resource").find(each => each.name.includes("markup.js")).name;
              const { markup, plainText } = await import(address);
              const parts = ["_a ", "**a ", "`", "`a``b", "> > > > ", "- a\n", "```\n", "https://", "http://[", "mailto:",
                "(https://a.b/(", "**_", "_a_b"];
              const texts = parts.map(part => part.repeat(200_000 / part.length));
              texts.push("https://a.b/" + ")".repeat(200_000), "https://a.b/" + "(_".repeat(100_000), "` " + " ".repeat(200_000));
              return texts.filter(text => {
                const start = performance.now();
                markup(text);
                plainText(text);
                return performance.now() - start > 20_000;
              }).map(text => text.slice(0, 20));
            }
            """);

        Assert.Empty(slow);
    }

    private static string Link(string address) =>
        $"<a href=\"{address}\" target=\"_blank\" rel=\"noopener noreferrer\" dir=\"ltr\">{address}</a>";
}
