using System.Collections.Frozen;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Chasqui.Server.Page;

internal sealed record PageFile(byte[] Content, string ContentType, EntityTagHeaderValue Tag);

/// <summary>The files below <c>wwwroot</c>. They are resources of the program, which needs no other file.</summary>
internal static class PageFiles
{
    public const string Index = "index.html";

    /// <summary>The folder of the page's scripts, styles and pictures.</summary>
    public const string Page = "page/";

    private const string Folder = "wwwroot/";

    private static readonly Lazy<FrozenDictionary<string, PageFile>> All = new(Read);

    private static readonly Lazy<string> Hash = new(() => HashOf(All.Value));

    private static readonly Lazy<PageFile> VersionedIndex = new(() => Versioned(All.Value));

    /// <summary>Changes when any file of the page does.</summary>
    public static string Version => Hash.Value;

    /// <param name="path">The path below <c>wwwroot</c>.</param>
    public static PageFile? Find(string path) => path == Index ? VersionedIndex.Value : All.Value.GetValueOrDefault(path);

    private static FrozenDictionary<string, PageFile> Read()
    {
        var types = new FileExtensionContentTypeProvider();
        var program = typeof(PageFiles).Assembly;
        return program.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .ToFrozenDictionary(
                // A build on Windows separates folders by backslashes.
                name => name[Folder.Length..].Replace('\\', '/'),
                name =>
                {
                    using var resource = program.GetManifestResourceStream(name)!;
                    var content = new byte[resource.Length];
                    resource.ReadExactly(content);
                    return new PageFile(content, ContentType(types, name), Tag(content));
                });
    }

    private static string ContentType(FileExtensionContentTypeProvider types, string name) =>
        !types.TryGetContentType(name, out var type) ? throw new InvalidOperationException($"No content type is known for {name}")
        : type.StartsWith("text/", StringComparison.Ordinal) ? type + "; charset=utf-8"
        : type;

    private static EntityTagHeaderValue Tag(byte[] content) =>
        new($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16))}\"");

    private static string HashOf(FrozenDictionary<string, PageFile> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (path, file) in InPage(files))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{path}\0{file.Tag}\0"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }

    /// <summary>
    /// The page with versioned addresses, and with a link to each module: a browser asks for all of them at once, not for each
    /// when it has read the one that imports it. The folder is as deep as the unversioned one: relative addresses hold.
    /// </summary>
    private static PageFile Versioned(FrozenDictionary<string, PageFile> files)
    {
        const string End = "</head>";
        var modules = InPage(files).Where(file => file.Key.EndsWith(".js", StringComparison.Ordinal))
            .Select(file => $"  <link rel=\"modulepreload\" href=\"{file.Key}\">\n");
        var index = files[Index];
        var html = Encoding.UTF8.GetString(index.Content)
            .Replace(End, string.Concat(modules) + End, StringComparison.Ordinal)
            .Replace($"=\"{Page}", $"=\"{PageEndpoints.VersionedFolder}{Version}/", StringComparison.Ordinal);
        var content = Encoding.UTF8.GetBytes(html);
        return index with { Content = content, Tag = Tag(content) };
    }

    private static IEnumerable<KeyValuePair<string, PageFile>> InPage(FrozenDictionary<string, PageFile> files) =>
        files.Where(file => file.Key.StartsWith(Page, StringComparison.Ordinal))
            .OrderBy(file => file.Key, StringComparer.Ordinal);
}
