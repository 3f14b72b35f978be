using Chasqui.Protocol.Json;
using Microsoft.AspNetCore.Http.Metadata;

namespace Chasqui.Server.Messages;

/// <summary>
/// Answers with an array of messages in parts, at the pace of the reader. JSON is written by hand: the serializer takes several
/// times as long.
/// </summary>
/// <param name="parts">The messages; read only when they are not there already, written.</param>
/// <param name="written">Where the page may be found, and is kept if it is not long; none where it can change.</param>
/// <param name="key">Which page it is.</param>
internal sealed class MessagePage(
    IAsyncEnumerable<IReadOnlyList<Message>> parts, EncodedPageCache? written = null, PageKey key = default)
    : IResult, IEndpointMetadataProvider
{
    private const string ContentType = "application/json";
    private const int InitialBytes = 24 * 1024;

    /// <summary>Bytes that are buffered for one reader. A shorter page is sent at once, with its <c>Content-Length</c>.</summary>
    private const int MostUnsent = 48 * 1024;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Message[]), [ContentType]));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (answer, aborted) = (httpContext.Response, httpContext.RequestAborted);
        answer.ContentType = ContentType + "; charset=utf-8";
        if (written?.Find(key) is { } page)
        {
            answer.ContentLength = page.Length;
            await answer.BodyWriter.WriteAsync(page, aborted);
            return;
        }

        var unsent = new ArrayBufferWriter<byte>(InitialBytes);
        await using var json = new Utf8JsonWriter(unsent, ChatJson.WriterOptions);
        json.WriteStartArray();
        await foreach (var part in parts.WithCancellation(aborted))
        {
            foreach (var message in part)
            {
                MessageJson.Write(json, message);
                if (unsent.WrittenCount + json.BytesPending > MostUnsent)
                {
                    await json.FlushAsync(aborted);
                    await answer.BodyWriter.WriteAsync(unsent.WrittenMemory, aborted);
                    unsent.ResetWrittenCount();
                }
            }
        }

        json.WriteEndArray();
        await json.FlushAsync(aborted);
        if (!answer.HasStarted)
        {
            answer.ContentLength = unsent.WrittenCount;
            written?.Add(key, unsent.WrittenSpan);
        }

        await answer.BodyWriter.WriteAsync(unsent.WrittenMemory, aborted);
    }
}
