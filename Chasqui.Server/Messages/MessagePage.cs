using System.Reflection;
using System.Text.Json;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Microsoft.AspNetCore.Http.Metadata;

namespace Chasqui.Server.Messages;

/// <summary>
/// Answers with an array of messages, part by part, at the pace of the reader. The serializer writes the same, several times
/// slower.
/// </summary>
internal sealed class MessagePage(IAsyncEnumerable<IReadOnlyList<Message>> parts) : IResult, IEndpointMetadataProvider
{
    private const string ContentType = "application/json";

    /// <summary>What is held back for one reader, in bytes. A page that is shorter leaves as one, and says how long it is.</summary>
    private const int MostUnsent = 64 * 1024;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Message[]), [ContentType]));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (answer, aborted) = (httpContext.Response, httpContext.RequestAborted);
        await using var json = new Utf8JsonWriter(answer.BodyWriter, ChatJson.WriterOptions);
        var sent = 0L;
        answer.ContentType = ContentType + "; charset=utf-8";
        json.WriteStartArray();
        await foreach (var part in parts.WithCancellation(aborted))
        {
            foreach (var message in part)
            {
                MessageJson.Write(json, message);
                if (json.BytesCommitted + json.BytesPending - sent > MostUnsent)
                {
                    await json.FlushAsync(aborted);
                    sent = json.BytesCommitted;
                    await answer.BodyWriter.FlushAsync(aborted);
                }
            }
        }

        json.WriteEndArray();
        await json.FlushAsync(aborted);
        if (sent == 0)
        {
            answer.ContentLength = json.BytesCommitted;
        }

        await answer.BodyWriter.FlushAsync(aborted);
    }
}
