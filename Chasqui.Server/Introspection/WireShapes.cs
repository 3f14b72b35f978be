using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Chasqui.Server.Introspection;

/// <summary>A field of a JSON object.</summary>
/// <param name="Name">Its name on the wire.</param>
/// <param name="Type">Its type, in words.</param>
/// <param name="IsRequired">On input: whether it must be sent. On output: whether it is always present.</param>
/// <param name="Description">Its comment.</param>
/// <param name="Clr">Its type in C#.</param>
/// <param name="Length">The limits of its text.</param>
internal sealed record WireField(
    string Name, string Type, bool IsRequired, string? Description, Type Clr, StringLengthAttribute? Length);

/// <summary>The form of records on the wire, from the serializer's own metadata, and their comments.</summary>
internal sealed class WireShapes(JsonSerializerOptions json, XmlComments comments)
{
    private const string Uuid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

    public JsonSerializerOptions Json => json;

    public XmlComments Comments => comments;

    /// <summary>The <c>type</c> of each frame or event, as declared on its base record.</summary>
    public static IEnumerable<(Type Type, string Name)> Discriminators(Type baseType) => baseType
        .GetCustomAttributes<JsonDerivedTypeAttribute>()
        .Select(derived => (derived.DerivedType, (string)derived.TypeDiscriminator!));

    /// <summary>The <c>type</c> of a frame or event; <see langword="null"/> for other records.</summary>
    public static string? Discriminator(Type? record) => Discriminators(typeof(ClientFrame))
        .Concat(Discriminators(typeof(ServerEvent)))
        .FirstOrDefault(known => known.Type == record).Name;

    public IReadOnlyList<WireField> Fields(Type type) => json.GetTypeInfo(type) is { Kind: JsonTypeInfoKind.Object } shape
        ? [.. shape.Properties.Where(property => property.Get is not null).Select(property => new WireField(
            property.Name,
            TypeName(property.PropertyType),
            IsRequired(property),
            Description(property),
            property.PropertyType,
            (property.AttributeProvider as PropertyInfo)?.GetCustomAttribute<StringLengthAttribute>()))]
        : [];

    public string? Description(JsonPropertyInfo property) =>
        property.AttributeProvider is PropertyInfo member ? comments.Summary(member) : null;

    /// <summary>The object that a type is, or is an array of.</summary>
    public Type? ObjectIn(Type type) => json.GetTypeInfo(type) switch
    {
        { Kind: JsonTypeInfoKind.Object } => type,
        { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element } => ObjectIn(element),
        _ => null,
    };

    /// <summary>The element type of an array; <see langword="null"/> for other types.</summary>
    public Type? Element(Type type) =>
        json.GetTypeInfo(type) is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element } ? element : null;

    public string TypeName(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(string) ? "string"
            : type == typeof(bool) ? "boolean"
            : type == typeof(int) || type == typeof(long) ? "integer"
            : type == typeof(Guid) ? "uuid"
            : type == typeof(DateTimeOffset) ? "time"
            : Prefix(type) is { } prefix ? prefix + "<uuid>"
            : Element(type) is { } element ? TypeName(element) + "[]"
            : type.Name;
    }

    /// <summary>The prefix of a prefixed id; <see langword="null"/> for other types.</summary>
    public static string? Prefix(Type type) =>
        type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IPrefixedId<>))
            ? Static(type, nameof(IPrefixedId<>.Prefix))
            : null;

    /// <summary>The regular expression of a prefixed id; on input the prefix may be left out.</summary>
    public static string IdPattern(Type type, bool isInput) =>
        !isInput ? $"^{Prefix(type)}{Uuid}$"
        : Static(type, nameof(IPrefixedId<>.Alias)) is { } alias ? InputPattern(Prefix(type)!, alias)
        : InputPattern(Prefix(type)!);

    public static string InputPattern(params string[] prefixes) =>
        (prefixes.Length == 0 ? "^" : $"^({string.Join('|', prefixes)})?")
        + Uuid.Replace("a-f", "a-fA-F", StringComparison.Ordinal) + "$";

    private static string? Static(Type type, string property) =>
        (string?)type.GetProperty(property, BindingFlags.Public | BindingFlags.Static)?.GetValue(null);

    private static bool IsRequired(JsonPropertyInfo property) =>
        property.IsRequired
        || property.AssociatedParameter is { HasDefaultValue: false, IsMemberInitializer: false }
        || (!property.IsGetNullable && Nullable.GetUnderlyingType(property.PropertyType) is null);
}
