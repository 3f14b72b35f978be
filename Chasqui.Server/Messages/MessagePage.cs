using Chasqui.Protocol.Json;
using Chasqui.Server.Storage;
using Microsoft.AspNetCore.Http.Metadata;

namespace Chasqui.Server.Messages;

/// <summary>
/// Answers with an array of messages in parts, at the pace of the reader. JSON is written by hand: the serializer takes several
/// times as long.
/// </summary>
internal sealed class MessagePage(IAsyncEnumerable<IReadOnlyList<StoredEvent>> parts) : IResult, IEndpointMetadataProvider
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
        var unsent = new ArrayBufferWriter<byte>(InitialBytes);
        await using var json = new Utf8JsonWriter(unsent, ChatJson.WriterOptions);
        json.WriteStartArray();
        await foreach (var part in parts.WithCancellation(aborted))
        {
            foreach (var message in part)
            {
                message.WriteMessage(json);
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
        }

        await answer.BodyWriter.WriteAsync(unsent.WrittenMemory, aborted);
    }
}
