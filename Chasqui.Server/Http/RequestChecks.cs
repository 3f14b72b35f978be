using Chasqui.Server.Errors;
using Chasqui.Server.FrameworkWorkarounds;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Primitives;

namespace Chasqui.Server.Http;

/// <summary>Checks what the framework's generated endpoints read differently from what a client expects.</summary>
internal static class RequestChecks
{
    /// <summary>Lets routing pass bodies of every type: the content type of an empty one has no meaning.</summary>
    public const string AnyType = "*/*";

    /// <summary>
    /// Refuses a body that is not UTF-8 (RFC 8259, 8.1), which the framework transcodes or fails on with a 500; and a number in
    /// the query that is none, which the framework ignores when it is empty, and answers with a bare 400 otherwise.
    /// </summary>
    public static void UseRequestChecks(this WebApplication app) => app.Use((http, next) =>
        http.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is { IsOptional: false } && !IsUtf8(http.Request)
            ? Refusal.Of(ErrorCodes.UnsupportedMediaType, "The body must be in UTF-8").ExecuteAsync(http)
        : http.Request.QueryString.HasValue && WrongParameter(http) is { } parameter
            ? Refusal.Of(ErrorCodes.InvalidField, JsonErrorText.Parameter(parameter)).ExecuteAsync(http)
        : next(http));

    /// <summary>
    /// Reads a body that may be left out. The framework takes an empty one for malformed JSON if it is chunked or has a content
    /// type.
    /// </summary>
    public static async Task<T?> ReadOptionalAsync<T>(HttpRequest request, CancellationToken cancellationToken)
        where T : class
    {
        var start = await request.BodyReader.ReadAtLeastAsync(1, cancellationToken);
        request.BodyReader.AdvanceTo(start.Buffer.Start);
        if (start.Buffer.IsEmpty)
        {
            return null;
        }

        if (!request.HasJsonContentType() || !IsUtf8(request))
        {
            throw new BadHttpRequestException("The body is not JSON in UTF-8", StatusCodes.Status415UnsupportedMediaType);
        }

        try
        {
            return await request.ReadFromJsonAsync<T>(cancellationToken);
        }
        catch (JsonException e)
        {
            throw new BadHttpRequestException(e.Message, StatusCodes.Status400BadRequest, e);
        }
    }

    private static bool IsUtf8(HttpRequest request) =>
        request.GetTypedHeaders().ContentType?.Charset is not { Length: > 0 } charset
        || charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    private static string? WrongParameter(HttpContext http) =>
        (http.GetEndpoint()?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>() ?? [])
        .FirstOrDefault(parameter => parameter.HasTryParse
            && http.Request.Query.TryGetValue(parameter.Name, out var given)
            && !IsNumber(given, parameter.ParameterInfo.ParameterType))?.Name;

    private static bool IsNumber(StringValues text, Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var number when number == typeof(int) => int.TryParse(text, CultureInfo.InvariantCulture, out _),
        var number when number == typeof(long) => long.TryParse(text, CultureInfo.InvariantCulture, out _),
        _ => true,
    };
}
