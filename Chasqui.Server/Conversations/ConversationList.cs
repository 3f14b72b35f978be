using Chasqui.Protocol.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Chasqui.Server.Conversations;

/// <summary>
/// Answers with an array of conversations and its <c>ETag</c>, or with 304. The tag is a hash of the body: every change of the
/// list changes it, and it is the same on all servers. A list of more than <see cref="MaxHashed"/> bytes is sent as the client
/// reads, without one.
/// </summary>
internal sealed class ConversationList(IAsyncEnumerable<Conversation> conversations) : IResult, IEndpointMetadataProvider
{
    private const int MaxHashed = 1024 * 1024;

    private const string ContentType = "application/json";
    private const int InitialBytes = 32 * 1024;

    /// <summary>Bytes that are buffered for one reader of a longer list.</summary>
    private const int MaxUnsent = 48 * 1024;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Conversation[]), [ContentType]));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status304NotModified, typeof(void)));
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (answer, aborted) = (httpContext.Response, httpContext.RequestAborted);
        var options = httpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var unsent = new ArrayBufferWriter<byte>(InitialBytes);
        await using var json = new Utf8JsonWriter(unsent, ChatJson.WriterOptions);
        answer.ContentType = ContentType + "; charset=utf-8";
        json.WriteStartArray();
        await foreach (var conversation in conversations.WithCancellation(aborted))
        {
            JsonSerializer.Serialize(json, conversation, options);
            if (unsent.WrittenCount + json.BytesPending > (answer.HasStarted ? MaxUnsent : MaxHashed))
            {
                await json.FlushAsync(aborted);
                await answer.BodyWriter.WriteAsync(unsent.WrittenMemory, aborted);
                unsent.ResetWrittenCount();
            }
        }

        json.WriteEndArray();
        await json.FlushAsync(aborted);
        if (!answer.HasStarted)
        {
            if (IsKnown(httpContext, unsent.WrittenSpan))
            {
                answer.StatusCode = StatusCodes.Status304NotModified;
                answer.ContentType = null;
                return;
            }

            answer.ContentLength = unsent.WrittenCount;
        }

        await answer.BodyWriter.WriteAsync(unsent.WrittenMemory, aborted);
    }

    /// <summary>Sets the <c>ETag</c>, and says whether the client has this list.</summary>
    private static bool IsKnown(HttpContext http, ReadOnlySpan<byte> body)
    {
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 16))}\"");
        http.Response.Headers.ETag = tag.ToString();
        // A weak comparison (RFC 9110, 13.1.2): a proxy that compresses makes a strong tag weak.
        return http.Request.GetTypedHeaders().IfNoneMatch
            .Any(known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(tag, useStrongComparison: false));
    }
}
