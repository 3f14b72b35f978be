using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Chasqui.Protocol.Json;

/// <summary>How Chasqui writes JSON: <c>snake_case</c>, UTC times with milliseconds, absent instead of <c>null</c>.</summary>
public static class ChatJson
{
    /// <summary>The deepest nesting that is read; deeper JSON is refused.</summary>
    public const int MaxDepth = 16;

    // JSON is never embedded into HTML here; escaping every letter beyond ASCII would double a message's size.
    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>
    /// Options for the records of this assembly as the raw socket has them: frames and events with their <c>type</c>.
    /// </summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>Options for a writer whose output equals that of the serializer.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = Encoder, SkipValidation = true };

    /// <summary>
    /// Sets options up for the records of this assembly, without <c>type</c>: hub methods and hub events are called by
    /// their names. A .NET client calls it once:
    /// <c>new HubConnectionBuilder().WithUrl(…).AddJsonProtocol(o => ChatJson.Configure(o.PayloadSerializerOptions))</c>.
    /// </summary>
    public static void Configure(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Configure(options, ChatJsonContext.Default.WithAddedModifier(static info => info.PolymorphismOptions = null));
    }

    /// <summary>
    /// Whether a field stands twice in any object of a JSON text. The serializer checks only the fields that it knows; a
    /// program in front of or behind the server may know others, and use the other one of two.
    /// </summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static bool HasFieldTwice(in ReadOnlySequence<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        // The names of most objects are few, and of some none: a set is made at the second name.
        var objects = new Stack<(string? First, HashSet<string>? All)>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    objects.Push(default);
                    break;
                case JsonTokenType.EndObject:
                    objects.Pop();
                    break;
                case JsonTokenType.PropertyName:
                    var (name, (first, all)) = (NameOf(ref reader), objects.Pop());
                    if (first is not null)
                    {
                        all ??= new HashSet<string>(StringComparer.Ordinal) { first };
                        if (!all.Add(name))
                        {
                            return true;
                        }
                    }

                    objects.Push((first ?? name, all));
                    break;
            }
        }

        return false;
    }

    private static string NameOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate: valid JSON, but no valid text. The escaped form is compared.
            return Encoding.UTF8.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan);
        }
    }

    private static void Configure(JsonSerializerOptions options, IJsonTypeInfoResolver resolver)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.PropertyNameCaseInsensitive = false;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.MaxDepth = MaxDepth;
        options.AllowDuplicateProperties = false;
        options.Encoder = Encoder;
        options.Converters.Add(new UtcTimeConverter());
        options.TypeInfoResolverChain.Insert(0, resolver);
        if (options.TypeInfoResolverChain.Count == 1)
        {
            options.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());
        }
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions();
        Configure(options, ChatJsonContext.Default);
        options.MakeReadOnly();
        return options;
    }
}
