using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Chasqui.Tests.Support;

/// <summary>REST as a client without an account, or without manners, speaks it.</summary>
public static partial class Rest
{
    public static HttpClient Anonymous(this TestServer server) => new() { BaseAddress = new Uri(server.Url) };

    /// <summary>A body, exactly as it stands there.</summary>
    public static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    public static string Text(this JsonNode node, string field) => node[field]!.GetValue<string>();

    public static string[] Strings(this JsonNode node, string field) =>
        [.. node[field]!.AsArray().Select(value => value!.GetValue<string>())];

    /// <summary>The names of an object's fields.</summary>
    public static string[] Fields(this JsonNode node) => [.. node.AsObject().Select(field => field.Key)];

    /// <summary>Checks that a text is <paramref name="prefix"/> and a lower-case UUIDv7.</summary>
    public static void IsId(string prefix, string text)
    {
        Assert.StartsWith(prefix, text, StringComparison.Ordinal);
        Assert.Matches(UuidV7(), text[prefix.Length..]);
    }

    /// <summary>Checks that a text is RFC 3339 in UTC with milliseconds and <c>Z</c>, and reads it.</summary>
    public static DateTimeOffset IsTime(string text)
    {
        Assert.Matches(Time(), text);
        return DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
    private static partial Regex UuidV7();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
    private static partial Regex Time();
}
