using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Chasqui.Server.Page;

/// <summary>A file of the page, and what browsers are told about it.</summary>
internal sealed record PageFile(byte[] Content, string ContentType, EntityTagHeaderValue Tag);

/// <summary>The page's files. They are inside the program, so that it serves them from wherever it was put.</summary>
internal static class PageFiles
{
    public const string Index = "index.html";

    /// <summary>What their names begin with among the program's resources.</summary>
    private const string Folder = "wwwroot/";

    private static readonly Lazy<FrozenDictionary<string, PageFile>> All = new(Read);

    /// <param name="path">Below <c>wwwroot</c>, as it is written there.</param>
    public static PageFile? Find(string path) => All.Value.GetValueOrDefault(path);

    private static FrozenDictionary<string, PageFile> Read()
    {
        var types = new FileExtensionContentTypeProvider();
        var program = typeof(PageFiles).Assembly;
        return program.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .ToFrozenDictionary(
                // Where the program was built on Windows, the names of folders end in a backslash.
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
        !types.TryGetContentType(name, out var type) ? throw new InvalidOperationException($"Nothing is known about {name}")
        : type.StartsWith("text/", StringComparison.Ordinal) ? type + "; charset=utf-8"
        : type;

    private static EntityTagHeaderValue Tag(byte[] content) => new($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16))}\"");
}
