using System.Collections.Frozen;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Chasqui.Server.Page;

internal sealed record PageFile(byte[] Content, string ContentType, EntityTagHeaderValue Tag);

/// <summary>The files below <c>wwwroot</c>. They are resources of the program, which needs no other file.</summary>
internal static class PageFiles
{
    public const string Index = "index.html";

    private const string Folder = "wwwroot/";

    private static readonly Lazy<FrozenDictionary<string, PageFile>> All = new(Read);

    /// <param name="path">The path below <c>wwwroot</c>.</param>
    public static PageFile? Find(string path) => All.Value.GetValueOrDefault(path);

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
}
