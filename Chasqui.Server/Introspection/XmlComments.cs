using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Chasqui.Server.Introspection;

/// <summary>The <c>///</c> comments in the documentation files of the compiler, each as one line of Markdown.</summary>
internal sealed partial class XmlComments
{
    private readonly Dictionary<string, XElement> _members = [];

    public XmlComments(params Assembly[] assemblies)
    {
        foreach (var assembly in assemblies)
        {
            try
            {
                var file = XDocument.Load(Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml"));
                foreach (var member in file.Descendants("member"))
                {
                    _members[member.Attribute("name")!.Value] = member;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or XmlException)
            {
                // Deployed without its documentation file: everything is listed, without descriptions.
            }
        }
    }

    public string? Summary(Type type) => Text("T:" + Name(type), "summary");

    public string? Summary(FieldInfo field) => Text($"F:{Name(field.DeclaringType!)}.{field.Name}", "summary");

    /// <summary>The property's own comment, or that of the parameter of a positional record.</summary>
    public string? Summary(PropertyInfo property) =>
        Text($"P:{Name(property.DeclaringType!)}.{property.Name}", "summary")
        ?? Text("T:" + Name(property.DeclaringType!), "param", property.Name);

    private static string Name(Type type) => type.FullName!.Replace('+', '.');

    private string? Text(string member, string element, string? parameter = null)
    {
        var found = _members.GetValueOrDefault(member)?.Elements(element)
            .FirstOrDefault(e => parameter is null || e.Attribute("name")?.Value == parameter);
        var text = Whitespace().Replace(string.Concat(found?.Nodes().Select(Text) ?? []), " ").Trim();
        return text.Length == 0 ? null : text;
    }

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement element when element.Attribute("cref") is { } reference => NameOnWire(reference.Value),
        XElement element when (element.Attribute("langword") ?? element.Attribute("name")) is { } word => $"`{word.Value}`",
        XElement element => element.Value,
        _ => "",
    };

    /// <summary>Readers of the documents know the names on the wire, not those in C#.</summary>
    private static string NameOnWire(string reference)
    {
        var name = reference[2..].Split('(')[0];
        var (owner, member) = (name[..name.LastIndexOf('.')], name[(name.LastIndexOf('.') + 1)..]);
        return reference[0] switch
        {
            'T' when Find(name) == typeof(ErrorCodes) => "the error codes",
            'T' => $"`{WireShapes.Discriminator(Find(name)) ?? member}`",
            'P' => $"`{JsonNamingPolicy.SnakeCaseLower.ConvertName(member)}`",
            'F' when Find(owner)?.GetField(member) is { IsLiteral: true } constant => constant.GetRawConstantValue() switch
            {
                int number => number.ToString("N0", CultureInfo.InvariantCulture),
                var value => $"`{value}`",
            },
            _ => $"`{owner[(owner.LastIndexOf('.') + 1)..]}.{member}`",
        };
    }

    private static Type? Find(string name) =>
        typeof(ChatLimits).Assembly.GetType(name) ?? typeof(XmlComments).Assembly.GetType(name);

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();
}
