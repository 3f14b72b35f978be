using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Chasqui.Server.Introspection;

/// <summary>What the compiler wrote down of the <c>///</c> comments, as one line of Markdown for each member.</summary>
internal sealed partial class XmlComments
{
    private readonly Dictionary<string, XElement> _members = [];

    public XmlComments(params Assembly[] assemblies)
    {
        foreach (var assembly in assemblies)
        {
            Load(Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml"));
        }
    }

    public string? Summary(Type type) => Text($"T:{Name(type)}", "summary");

    public string? Summary(FieldInfo field) => Text($"F:{Name(field.DeclaringType!)}.{field.Name}", "summary");

    public string? Summary(MethodInfo method) => Text(
        $"M:{Name(method.DeclaringType!)}.{method.Name}({string.Join(',', method.GetParameters().Select(p => Name(p.ParameterType)))})",
        "summary");

    /// <summary>A property's own comment, or what its positional record says of the parameter that it comes from.</summary>
    public string? Summary(PropertyInfo property) =>
        Text($"P:{Name(property.DeclaringType!)}.{property.Name}", "summary")
        ?? Text($"T:{Name(property.DeclaringType!)}", "param", property.Name);

    private static string Name(Type type) => type.FullName!.Replace('+', '.');

    private void Load(string file)
    {
        try
        {
            foreach (var member in XDocument.Load(file).Descendants("member"))
            {
                _members[member.Attribute("name")!.Value] = member;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or XmlException)
        {
            // Deployed without its documentation file: everything is listed, nothing is described.
        }
    }

    private string? Text(string member, string element, string? parameter = null)
    {
        if (!_members.TryGetValue(member, out var comment)
            || comment.Elements(element).FirstOrDefault(e => parameter is null || e.Attribute("name")?.Value == parameter)
                is not { } found)
        {
            return null;
        }

        var text = Whitespace().Replace(string.Concat(found.Nodes().Select(Text)), " ").Trim();
        return text.Length == 0 ? null : text;
    }

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement element when element.Attribute("cref") is { } reference => CodeReference.Text(reference.Value),
        XElement element when (element.Attribute("langword") ?? element.Attribute("name")) is { } word => $"`{word.Value}`",
        XElement element => element.Value,
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();
}
