using System.Text.Json;

namespace Chasqui.Server.FrameworkWorkarounds;

/// <summary>
/// Reads a JSON body that may be left out. The framework refuses an empty body as malformed JSON if it is sent in chunks or with
/// a content type.
/// </summary>
internal static class OptionalBody
{
    /// <summary>Lets routing accept bodies of every content type: that of an empty one does not matter.</summary>
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
