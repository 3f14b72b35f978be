using System.Globalization;
using Chasqui.Protocol;
using Chasqui.Server.Errors;
using Chasqui.Server.FrameworkWorkarounds;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Primitives;

namespace Chasqui.Server.Http;

/// <summary>
/// Refuses a number in the query that is none, by its name. Of a parameter that may be left out, the framework's generated
/// endpoints pass over an empty one, and answer any other with a bare 400.
/// </summary>
internal static class QueryNumbers
{
    public static void UseQueryNumbers(this WebApplication app) => app.Use((http, next) =>
        http.Request.QueryString.HasValue && WrongParameter(http) is { } parameter
            ? Refusal.Of(ErrorCodes.InvalidField, JsonErrorText.Parameter(parameter)).ExecuteAsync(http)
            : next(http));

    private static string? WrongParameter(HttpContext http)
    {
        foreach (var parameter in http.GetEndpoint()?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>() ?? [])
        {
            if (parameter.HasTryParse
                && http.Request.Query.TryGetValue(parameter.Name, out var given)
                && !IsNumber(given, parameter.ParameterInfo.ParameterType))
            {
                return parameter.Name;
            }
        }

        return null;
    }

    /// <summary>What is to be something else is none of its business.</summary>
    private static bool IsNumber(StringValues text, Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) is var number
        && number == typeof(int) ? int.TryParse(text, CultureInfo.InvariantCulture, out _)
        : number != typeof(long) || long.TryParse(text, CultureInfo.InvariantCulture, out _);
}
