using System.Buffers;
using System.Text.Json;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Chasqui.Server.Errors;
using Microsoft.AspNetCore.Http.Metadata;

namespace Chasqui.Server.Http;

/// <summary>
/// Refuses a body that others could read in another way than this server: one in which a field stands twice, known or not, and
/// one that is not UTF-8 (RFC 8259, 8.1). It is read here, within its limit, and once more by whoever binds it.
/// </summary>
internal static class UnambiguousBody
{
    private static readonly Error Twice = new() { Code = ErrorCodes.InvalidJson, Message = "A field stands twice in the body" };

    private static readonly Error NotUtf8 = new() { Code = ErrorCodes.UnsupportedMediaType, Message = "The body must be in UTF-8" };

    public static void UseUnambiguousBodies(this WebApplication app) => app.UseWhen(
        http => Accepted(http) is not null && http.Request.HasJsonContentType(),
        bodies => bodies.Use(async (http, next) =>
        {
            if (await ProblemAsync(http) is { } problem)
            {
                await Refusal.For(http, problem).ExecuteAsync(http);
            }
            else
            {
                await next(http);
            }
        }));

    private static IAcceptsMetadata? Accepted(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>();

    private static async Task<Error?> ProblemAsync(HttpContext http)
    {
        var reader = http.Request.BodyReader;
        var read = await reader.ReadAsync(http.RequestAborted);
        while (!read.IsCompleted)
        {
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await reader.ReadAsync(http.RequestAborted);
        }

        var problem = read.Buffer.IsEmpty && Accepted(http)!.IsOptional ? null
            : !IsUtf8(http.Request) ? NotUtf8
            : HasFieldTwice(WithoutMark(read.Buffer)) ? Twice
            : null;
        reader.AdvanceTo(read.Buffer.Start);
        return problem;
    }

    private static bool IsUtf8(HttpRequest request) =>
        request.GetTypedHeaders().ContentType?.Charset is not { Length: > 0 } charset
        || charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    /// <summary>The byte order mark is no JSON, and passed over by whoever binds the body.</summary>
    private static ReadOnlySequence<byte> WithoutMark(ReadOnlySequence<byte> body)
    {
        var start = new SequenceReader<byte>(body);
        return start.IsNext([0xEF, 0xBB, 0xBF], advancePast: true) ? start.UnreadSequence : body;
    }

    private static bool HasFieldTwice(in ReadOnlySequence<byte> body)
    {
        try
        {
            return ChatJson.HasFieldTwice(body);
        }
        catch (JsonException)
        {
            // Whoever binds it says so, in the right words.
            return false;
        }
    }
}
