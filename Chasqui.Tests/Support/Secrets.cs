using System.Security.Cryptography;

namespace Chasqui.Tests.Support;

/// <summary>Passwords, tokens and tickets that were given to a server and that it must keep to itself.</summary>
public sealed class Secrets
{
    /// <summary>A secret may be cut off or wrapped where it leaks: this much of it in a row is a find.</summary>
    private const int PieceLength = 16;

    private readonly HashSet<string> _pieces = [];

    /// <summary>A password, say: 32 characters that nothing escapes, unlike any other.</summary>
    public string New() => Add(RandomNumberGenerator.GetHexString(2 * PieceLength, lowercase: true));

    /// <summary>Adds a token; its header is no secret, being the same in all of them.</summary>
    public string Add(string secret)
    {
        var start = secret.StartsWith("eyJ", StringComparison.Ordinal) ? secret.IndexOf('.') + 1 : 0;
        _pieces.UnionWith(secret[start..].Chunk(PieceLength).Select(piece => new string(piece)).Where(piece => piece.Length == PieceLength));
        return secret;
    }

    /// <summary>Checks that no line of a text holds a piece of a secret.</summary>
    public void AssertNotIn(string text)
    {
        var found = text.Split('\n').Where(line => _pieces.Any(line.Contains)).ToArray();
        Assert.True(found.Length == 0, string.Join('\n', found));
    }
}
