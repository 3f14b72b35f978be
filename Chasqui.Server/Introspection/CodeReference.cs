using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Chasqui.Protocol;

namespace Chasqui.Server.Introspection;

/// <summary>Says what a <c>cref</c> of a comment is called on the wire: a client author knows no C# names.</summary>
internal static class CodeReference
{
    public static string Text(string reference)
    {
        var name = reference[2..].Split('(')[0];
        var (owner, member) = (name[..name.LastIndexOf('.')], name[(name.LastIndexOf('.') + 1)..]);
        return reference[0] switch
        {
            'T' when Find(name) == typeof(ErrorCodes) => "the error codes",
            'T' => $"`{WireName(Find(name)) ?? member}`",
            'P' => $"`{JsonNamingPolicy.SnakeCaseLower.ConvertName(member)}`",
            'F' when Find(owner)?.GetField(member) is { IsLiteral: true } constant => Constant(constant),
            _ => $"`{owner[(owner.LastIndexOf('.') + 1)..]}.{member}`",
        };
    }

    private static string? WireName(Type? type) => type is null
        ? null
        : WireShapes.Discriminators(typeof(ClientFrame)).Concat(WireShapes.Discriminators(typeof(ServerEvent)))
            .FirstOrDefault(known => known.Type == type).Name;

    private static string Constant(FieldInfo constant) => constant.GetRawConstantValue() switch
    {
        int number => number.ToString("N0", CultureInfo.InvariantCulture),
        var value => $"`{value}`",
    };

    private static Type? Find(string name) => typeof(ChatLimits).Assembly.GetType(name) ?? typeof(CodeReference).Assembly.GetType(name);
}
