using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Chasqui.Protocol;

namespace Chasqui.Server.Introspection;

/// <summary>A field of a JSON object.</summary>
/// <param name="Name">Its name on the wire.</param>
/// <param name="Type">Its type, in words.</param>
/// <param name="IsRequired">Whether it has to be sent; of an answer, whether it is always there.</param>
/// <param name="Description">What it is, when that is written down.</param>
/// <param name="Clr">The type behind it.</param>
internal sealed record WireField(string Name, string Type, bool IsRequired, string? Description, Type Clr)
{
    /// <summary>How long its text may be, where that is limited.</summary>
    public StringLengthAttribute? Length { get; init; }
}

/// <summary>Tells from the serializer's own metadata what records look like on the wire.</summary>
internal sealed class WireShapes(JsonSerializerOptions options, XmlComments comments)
{
    /// <summary>The <c>type</c> of each frame or event, as declared on its base record.</summary>
    public static IEnumerable<(Type Type, string Name)> Discriminators(Type baseType) => baseType
        .GetCustomAttributes<JsonDerivedTypeAttribute>()
        .Select(derived => (derived.DerivedType, (string)derived.TypeDiscriminator!));

    public static bool IsRequired(JsonPropertyInfo property) =>
        property.IsRequired
        || property.AssociatedParameter is { HasDefaultValue: false, IsMemberInitializer: false }
        || (!property.IsGetNullable && Nullable.GetUnderlyingType(property.PropertyType) is null);

    public IReadOnlyList<WireField> Fields(Type type) => options.GetTypeInfo(type) is { Kind: JsonTypeInfoKind.Object } shape
        ? [.. shape.Properties
            .Where(property => property.Get is not null)
            .Select(property => new WireField(
                property.Name, TypeName(property.PropertyType), IsRequired(property), Description(property), property.PropertyType)
            {
                Length = (property.AttributeProvider as PropertyInfo)?.GetCustomAttribute<StringLengthAttribute>(),
            })]
        : [];

    public string? Description(JsonPropertyInfo property) =>
        property.AttributeProvider is PropertyInfo member ? comments.Summary(member) : null;

    /// <summary>The object that a type is, or is an array of; <see langword="null"/> when there is none.</summary>
    public Type? ObjectIn(Type type) => options.GetTypeInfo(type) switch
    {
        { Kind: JsonTypeInfoKind.Object } => type,
        { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element } => ObjectIn(element),
        _ => null,
    };

    /// <summary>What an array consists of; <see langword="null"/> for everything else.</summary>
    public Type? Element(Type type) =>
        options.GetTypeInfo(type) is { Kind: JsonTypeInfoKind.Enumerable, ElementType: { } element } ? element : null;

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

    /// <summary>What else may stand there on input.</summary>
    public static IEnumerable<string> Aliases(Type type) =>
        type.GetProperty(nameof(IPrefixedId<>.Alias), BindingFlags.Public | BindingFlags.Static)?.GetValue(null) is string alias ? [alias] : [];

    /// <summary>What stands before the uuid of a prefixed id; <see langword="null"/> for every other type.</summary>
    public static string? Prefix(Type type) =>
        type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IPrefixedId<>))
            ? (string?)type.GetProperty(nameof(IPrefixedId<>.Prefix), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)
            : null;
}
