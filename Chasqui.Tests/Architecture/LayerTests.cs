using System.Text.RegularExpressions;
using Chasqui.Server.Transports.SignalR;
using Chasqui.Tests.Support;

namespace Chasqui.Tests.Architecture;

/// <summary>The layers of docs/architecture.md, compared with the references in the compiled server.</summary>
public sealed partial class LayerTests
{
    private const string Root = "Chasqui.Server";
    private static readonly string Folder = Path.Combine(Repository.Root, Root);

    /// <summary>The namespace of each layer, the lowest first.</summary>
    private static readonly string[] Layers =
    [
        .. Block().Match(File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"))).Groups["layers"].Value
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => $"{Root}.{line.Split(' ')[0].Replace('/', '.')}")
            .Reverse(),
        Root,
    ];

    [Fact]
    public void NoFolderUsesAFolderAboveIt()
    {
        var upward =
            from type in TypeReferences.Of(typeof(ChatHub).Assembly)
            from reference in type.Value
            where LayerOf(type.Key) is >= 0 and var user && LayerOf(reference) > user
            select $"{FileOf(type.Key)}: {type.Key} uses {reference}";

        Assert.Empty(upward);
    }

    [Fact]
    public void EveryFolderIsALayer()
    {
        var folders = Directory.EnumerateFiles(Folder, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Folder, Path.GetDirectoryName(file)!))
            .Where(folder => folder != "." && !folder.StartsWith("bin", StringComparison.Ordinal) && !folder.StartsWith("obj", StringComparison.Ordinal))
            .Select(folder => $"{Root}.{folder.Replace('/', '.')}");

        Assert.All(folders, folder => Assert.True(LayerOf(folder + ".Type") < Layers.Length - 1, $"docs/architecture.md lists no layer for {folder}"));
        Assert.All(Layers, layer => Assert.True(Directory.Exists(Path.Combine(Repository.Root, Root + layer[Root.Length..].Replace('.', '/'))), layer));
    }

    /// <returns>The place of the longest layer that a type is in, or -1 where it is none of the server's.</returns>
    private static int LayerOf(string type)
    {
        var space = type[..Math.Max(type.LastIndexOf('.'), 0)];
        var found = -1;
        for (var i = 0; i < Layers.Length; i++)
        {
            if ((space + ".").StartsWith(Layers[i] + ".", StringComparison.Ordinal) && (found < 0 || Layers[i].Length > Layers[found].Length))
            {
                found = i;
            }
        }

        return found;
    }

    private static string FileOf(string type)
    {
        var name = type[(type.LastIndexOf('.') + 1)..].Split('`')[0];
        return Directory.EnumerateFiles(Folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => Regex.IsMatch(File.ReadAllText(file), $@"\b(class|record|struct|interface|enum|delegate)\b[^;{{(]*\b{name}\b"))
            .Select(file => Path.GetRelativePath(Repository.Root, file))
            .FirstOrDefault() ?? Root;
    }

    [GeneratedRegex("```layers\n(?<layers>[^`]*(`[^`\n]+`[^`]*)*)```")]
    private static partial Regex Block();
}
