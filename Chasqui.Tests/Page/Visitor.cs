using Chasqui.Tests.Support;
using Microsoft.Playwright;

namespace Chasqui.Tests.Page;

/// <summary>A user of the page, with a browser context of their own.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    private readonly List<string> _faults = [];

    private Visitor(IBrowserContext context, IPage page, Line line, string name)
    {
        (Context, Page, Line, Name) = (context, page, line, name);
        Watch(page);
    }

    public IBrowserContext Context { get; }

    public IPage Page { get; }

    public Line Line { get; }

    public string Name { get; }

    /// <summary>What is shown of the open conversation, in order.</summary>
    public ILocator Said => Page.Locator(".message .text");

    public ILocator Pending => Page.Locator(".message.pending");

    public ILocator Unread => Page.Locator(".conversation .badge");

    public ILocator Banner => Page.Locator(".banner");

    public ILocator Composer => Page.GetByRole(AriaRole.Textbox, new() { Name = "Message", Exact = true });

    /// <summary>Makes an account on the page.</summary>
    public static async Task<Visitor> RegisterAsync(Browser browser, string url, string? name = null, Look? look = null)
    {
        var visitor = await ArriveAsync(browser, url, name ?? Names.Next(), look);
        await visitor.RegisterAsync();
        return visitor;
    }

    public async Task RegisterAsync()
    {
        await Button("Create an account").ClickAsync();
        await Field("Username").FillAsync(Name);
        await Field("E-mail address").FillAsync(Name + "@example.org");
        await Field("Password").FillAsync(Person.Password);
        await Button("Create account").ClickAsync();
        await IsInAsync();
    }

    /// <summary>Logs in to an existing account.</summary>
    public static async Task<Visitor> LogInAsync(Browser browser, string url, string name, Look? look = null)
    {
        var visitor = await ArriveAsync(browser, url, name, look);
        await visitor.FillLoginAsync();
        await visitor.IsInAsync();
        return visitor;
    }

    public static async Task<Visitor> ArriveAsync(Browser browser, string url, string name, Look? look = null)
    {
        var context = await browser.NewAsync(look);
        var page = await context.NewPageAsync();
        var visitor = new Visitor(context, page, await Line.LayAsync(page), name);
        await visitor.Page.GotoAsync(url);
        return visitor;
    }

    /// <summary>The same browser, another tab.</summary>
    public async Task<Visitor> NewTabAsync()
    {
        var page = await Context.NewPageAsync();
        var tab = new Visitor(Context, page, await Line.LayAsync(page), Name);
        await tab.Page.GotoAsync(Page.Url);
        return tab;
    }

    public async Task FillLoginAsync()
    {
        await Field("Username or e-mail address").FillAsync(Name);
        await Field("Password").FillAsync(Person.Password);
        await Button("Log in").ClickAsync();
    }

    public Task IsInAsync() => Assertions.Expect(Page.GetByText($"Logged in as {Name}")).ToBeAttachedAsync();

    public async Task OpenChatAsync(params string[] others)
    {
        await Button("New chat").First.ClickAsync();
        foreach (var other in others)
        {
            await Page.GetByRole(AriaRole.Combobox).FillAsync(other);
            await Page.GetByRole(AriaRole.Option, new() { Name = other }).ClickAsync();
        }

        await Button(others.Length > 1 ? "Create group" : "Start chat").ClickAsync();
        await Assertions.Expect(Composer).ToBeVisibleAsync();
    }

    /// <summary>Opens a conversation from the list.</summary>
    public async Task OpenAsync(string title)
    {
        await Page.Locator(".conversations").GetByRole(AriaRole.Link, new() { Name = title }).ClickAsync();
        await Assertions.Expect(Composer).ToBeVisibleAsync();
    }

    public async Task SayAsync(string content)
    {
        await Composer.FillAsync(content);
        await Composer.PressAsync("Enter");
    }

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Field(string label) => Page.GetByLabel(label, new() { Exact = true });

    /// <summary>Takes the page away, and with it what no page may do: fail, or break its policy.</summary>
    public async ValueTask DisposeAsync()
    {
        await Page.CloseAsync();
        if (Context.Pages.Count == 0)
        {
            await Context.DisposeAsync();
        }

        Assert.Empty(_faults);
    }

    private void Watch(IPage page)
    {
        page.PageError += (_, error) => _faults.Add(error);
        page.Dialog += (_, dialog) => _faults.Add($"{dialog.Type}: {dialog.Message}");
        page.Console += (_, said) =>
        {
            if (said.Text.Contains("Content Security Policy", StringComparison.Ordinal)
                || said.Text.Contains("Trusted", StringComparison.Ordinal))
            {
                _faults.Add(said.Text);
            }
        };
    }
}
