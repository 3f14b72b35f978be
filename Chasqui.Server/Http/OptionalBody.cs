using System.Text.Json;

namespace Chasqui.Server.Http;

/// <summary>
/// A body that may be left out, however a client says so: the framework takes an empty one for malformed JSON as soon as
/// it comes in chunks or with a content type.
/// </summary>
internal static class OptionalBody
{
    /// <summary>Lets routing pass bodies of every type: an empty one may call itself what it likes.</summary>
    public const string AnyType = "*/*";

    public static async Task<T?> ReadAsync<T>(HttpRequest request, CancellationToken cancellationToken)
        where T : class
    {
        var start = await request.BodyReader.ReadAtLeastAsync(1, cancellationToken);
        request.BodyReader.AdvanceTo(start.Buffer.Start);
        if (start.Buffer.IsEmpty)
        {
            return null;
        }

        if (!request.HasJsonContentType())
        {
            throw new BadHttpRequestException("The body is not JSON", StatusCodes.Status415UnsupportedMediaType);
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
}
