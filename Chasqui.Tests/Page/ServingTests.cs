using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Page;

public sealed partial class ServingTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly string[] Folder = [Repository.Root, "Chasqui.Server", "wwwroot"];

    [Fact]
    public async Task RootServesThePage()
    {
        using var http = server.Anonymous();

        using var answer = await http.GetAsync("/");

        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Contains("<title>Chasqui</title>", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task EveryFileIsServedFromInsideTheProgramAsWhatItIs()
    {
        using var http = server.Anonymous();
        var types = new Dictionary<string, string>
        {
            [".html"] = "text/html; charset=utf-8",
            [".js"] = "text/javascript; charset=utf-8",
            [".css"] = "text/css; charset=utf-8",
            [".svg"] = "image/svg+xml",
            [".png"] = "image/png",
            [".webmanifest"] = "application/manifest+json",
        };

        foreach (var file in Files("*").Where(file => Path.GetFileName(file) != "index.html"))
        {
            using var answer = await http.GetAsync("/" + file);
            Assert.Equal(types[Path.GetExtension(file)], answer.Content.Headers.ContentType?.ToString());
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine([.. Folder, file])), await answer.Content.ReadAsByteArrayAsync());
            AssertHeaders(answer);
        }
    }

    [Fact]
    public async Task ThePageRunsItsOwnScriptsAndNothingElse()
    {
        using var http = server.Anonymous();
        using var answer = await http.GetAsync("/");
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single()
            .Split("; ").ToDictionary(rule => rule.Split(' ')[0], rule => string.Join(' ', rule.Split(' ')[1..]));

        AssertHeaders(answer);
        Assert.Equal("'none'", policy["default-src"]);
        Assert.All(["script-src", "style-src", "img-src", "connect-src", "manifest-src"], rule => Assert.Equal("'self'", policy[rule]));
        Assert.All(["base-uri", "form-action", "frame-ancestors"], rule => Assert.Equal("'none'", policy[rule]));
        Assert.Equal("'script'", policy["require-trusted-types-for"]);
        Assert.Equal("'none'", policy["trusted-types"]);
    }

    [Fact]
    public async Task NothingComesFromElsewhereAndNothingIsInline()
    {
        foreach (var file in Files("*.html").Concat(Files("*.css")).Concat(Files("*.js")))
        {
            var text = await ReadAsync(file);
            Assert.DoesNotMatch("""(?i)(src|href)="?(https?:)?//|@import|url\(["\w]+:|from "http""", text);
            Assert.DoesNotMatch("""(?i)<style|style="|<script(?![^>]* src=)|<[a-z]+[^>]* on[a-z]+=""", text);
            Assert.DoesNotMatch("innerHTML|outerHTML|insertAdjacentHTML|document.write|eval\\(|new Function", text);
        }
    }

    [Fact]
    public async Task EveryImportedModuleIsServed()
    {
        foreach (var file in Files("*.js"))
        {
            Assert.All(Import().Matches(await ReadAsync(file)), import =>
                Assert.True(File.Exists(Path.Combine([.. Folder, Path.GetDirectoryName(file)!, import.Groups[1].Value])), $"{file}: {import.Value}"));
        }
    }

    [Fact]
    public async Task UnchangedFileAnswers304()
    {
        using var http = server.Anonymous();
        using var first = await http.GetAsync("/page/main.js");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/page/main.js");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var second = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync());
        AssertHeaders(second);
    }

    /// <summary>The browser keeps the files of one version for ever, and asks for all of them at once.</summary>
    [Fact]
    public async Task PageLinksStylesAndModulesAtImmutableVersionedAddresses()
    {
        using var http = server.Anonymous();
        var html = await http.GetStringAsync("/");
        var links = Link().Matches(html).Select(link => link.Groups[1].Value).ToArray();
        var version = Version().Match(html).Value;

        Assert.NotEmpty(version);
        Assert.All(links, link => Assert.StartsWith(version, link, StringComparison.Ordinal));
        Assert.All(Files("*.css").Where(file => file.StartsWith("page/", StringComparison.Ordinal)), file =>
            Assert.Contains(version + file["page".Length..], links));
        Assert.All(Files("*.js").Where(file => file.StartsWith("page/", StringComparison.Ordinal)), file =>
            Assert.Contains($"<link rel=\"modulepreload\" href=\"{version}{file["page".Length..]}\">", html));
        foreach (var link in links)
        {
            using var answer = await http.GetAsync("/" + link);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("public, max-age=31536000, immutable", answer.Headers.CacheControl?.ToString());
            Assert.Equal(await http.GetStringAsync("/page" + link[version.Length..]), await answer.Content.ReadAsStringAsync());
        }
    }

    /// <summary>A file of another version must not be kept under this address.</summary>
    [Fact]
    public async Task OtherVersionIsNotServed()
    {
        using var http = server.Anonymous();

        using var answer = await http.GetAsync("/page-0000000000000000/main.js");

        await answer.ReadProblemAsync(404, "not_found");
        Assert.Equal(CacheControlHeaderValue.Parse("no-store"), answer.Headers.CacheControl);
    }

    [Fact]
    public async Task HeadSaysWhatGetWouldAnswer()
    {
        using var http = server.Anonymous();
        using var get = await http.GetAsync("/");
        using var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/"));

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("/page")]
    [InlineData("/page/")]
    [InlineData("/page/styles")]
    [InlineData("/page/../index.html/")]
    [InlineData("/page/..%2findex.html")]
    [InlineData("/page/nothing.js")]
    [InlineData("/index.html")]
    [InlineData("/wwwroot/index.html")]
    public async Task NothingElseIsServed(string address)
    {
        using var http = server.Anonymous();

        using var answer = await http.GetAsync(address);

        await answer.ReadProblemAsync(404, "not_found");
    }

    private static void AssertHeaders(HttpResponseMessage answer)
    {
        Assert.Equal(CacheControlHeaderValue.Parse("no-cache"), answer.Headers.CacheControl);
        Assert.NotNull(answer.Headers.ETag);
        foreach (var (name, value) in new[]
        {
            ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"),
        })
        {
            Assert.Equal(value, answer.Headers.GetValues(name).Single());
        }

        Assert.DoesNotContain("sandbox", answer.Headers.GetValues("Content-Security-Policy").Single());
    }

    private static IEnumerable<string> Files(string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Folder), pattern, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Path.Combine(Folder), file).Replace('\\', '/'));

    private static Task<string> ReadAsync(string file) => File.ReadAllTextAsync(Path.Combine([.. Folder, file]));

    [GeneratedRegex("from \"([^\"]+)\"")]
    private static partial Regex Import();

    [GeneratedRegex("<(?:link|script)[^>]* (?:href|src)=\"([^\"]+)\"")]
    private static partial Regex Link();

    [GeneratedRegex("page-[0-9a-f]{16}")]
    private static partial Regex Version();
}
