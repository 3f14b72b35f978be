using System.Text.Json.Nodes;
using Chasqui.Protocol.Json;
using Chasqui.Server.Errors;
using Chasqui.Server.FrameworkWorkarounds;
using Chasqui.Server.Http;
using Chasqui.Server.Transports.RawWebSocket;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace Chasqui.Server.Introspection;

/// <summary>
/// Adds limits, security, examples and error codes to the operations, and the frames to the WebSocket handshake.
/// </summary>
internal sealed class OperationDocs(EndpointDataSource endpoints, WireShapes shapes) : IOpenApiOperationTransformer
{
    /// <summary>
    /// OpenAPI cannot describe the frames of a WebSocket: the description of the handshake lists them in Markdown.
    /// </summary>
    private const string Handshake = """
        One JSON object per text message, in both directions. A frame that cannot be served gets one `Error`, and the connection
        stays open. Open it with `new WebSocket("ws://localhost:8080/api/ws/chat?token=" + token)`; this page cannot.

        A connection gets `NewMessage` and `Error`, and the `Ack` of a frame with a `request_id`; it gets the other events after
        it has sent `hello`.
        """;

    public Task TransformAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var path = "/" + context.Description.RelativePath!.Trim('/');
        var endpoint = ApiEndpoint.All(endpoints.Endpoints)
            .First(found => found.Path == path && found.Methods.Contains(context.Description.HttpMethod!));
        operation.Security = Security(endpoint, context.Document!);
        operation.Parameters = [.. endpoint.Parameters
            .Where(parameter => !DocumentDocs.Schemes.ContainsKey(parameter.Name))
            .Select(Parameter)];
        foreach (var (status, answer) in operation.Responses ?? [])
        {
            Describe((OpenApiResponse)answer, int.Parse(status, CultureInfo.InvariantCulture), endpoint);
        }

        operation.Responses = Sorted(operation.Responses);
        if (endpoint.Body is var (type, isOptional) && operation.RequestBody is OpenApiRequestBody body)
        {
            body.Required = !isOptional;
            body.Content!.Remove(RequestChecks.AnyType);
            var json = (OpenApiMediaType)body.Content["application/json"];
            json.Example = Examples.Of(type, shapes.Json);
            OpenApiQuirks.RemoveNull(json);
        }

        if (path == RawEndpoint.Path)
        {
            DescribeHandshake(operation);
        }

        return Task.CompletedTask;
    }

    /// <summary>The security schemes are in the document; an empty list means that no token is needed.</summary>
    public static List<OpenApiSecurityRequirement> Security(ApiEndpoint endpoint, OpenApiDocument document) => endpoint.NeedsToken
        ? [.. endpoint.Parameters
            .Where(parameter => !parameter.IsInPath && DocumentDocs.Schemes.ContainsKey(parameter.Name))
            .Select(parameter => parameter.Name)
            .Prepend(DocumentDocs.Bearer)
            .Select(scheme => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, document)] = [] })]
        : [];

    private static OpenApiParameter Parameter(ApiParameter parameter) => new()
    {
        Name = parameter.Name,
        In = parameter.IsInPath ? ParameterLocation.Path : ParameterLocation.Query,
        Required = parameter.IsInPath,
        Description = parameter.Description,
        Example = parameter.Example is { } example ? JsonValue.Create(example) : null,
        Schema = new OpenApiSchema
        {
            Type = parameter.Type == "integer" ? JsonSchemaType.Integer : JsonSchemaType.String,
            Pattern = parameter.Pattern,
            Minimum = parameter.Minimum?.ToString(CultureInfo.InvariantCulture),
            Maximum = parameter.Maximum?.ToString(CultureInfo.InvariantCulture),
            Default = parameter.Default is { } number ? JsonValue.Create(number) : null,
        },
    };

    private void Describe(OpenApiResponse answer, int status, ApiEndpoint endpoint)
    {
        var body = endpoint.Answers.FirstOrDefault(known => known.Status == status)?.Body;
        if (body == typeof(ProblemDetails))
        {
            var codes = endpoint.Codes(status);
            var comments = SocketModel.Codes.ToDictionary(known => known.Code, known => shapes.Comments.Summary(known.Constant));
            answer.Description = $"{ReasonPhrases.GetReasonPhrase(status)}\n\n"
                + string.Join('\n', codes.Select(code => $"- `{code}`: {comments[code]}"));
            foreach (var problem in answer.Content!.Values.OfType<OpenApiMediaType>())
            {
                problem.Examples = codes.ToDictionary(code => code, code => (IOpenApiExample)new OpenApiExample
                {
                    Value = JsonSerializer.SerializeToNode(Refusal.Of(code).ProblemDetails, shapes.Json),
                });
            }
        }
        else if (body is not null && status < StatusCodes.Status400BadRequest
            && answer.Content?.TryGetValue("application/json", out var content) == true && content is OpenApiMediaType json)
        {
            json.Example = Examples.Of(body, shapes.Json);
        }
    }

    private static OpenApiResponses Sorted(OpenApiResponses? answers)
    {
        var sorted = new OpenApiResponses();
        foreach (var (status, answer) in (answers ?? []).OrderBy(answer => answer.Key, StringComparer.Ordinal))
        {
            sorted[status] = answer;
        }

        return sorted;
    }

    private void DescribeHandshake(OpenApiOperation operation)
    {
        operation.Description = Handshake
            + Section("Client frames", SocketModel.Frames)
            + Section("Server events", SocketModel.Events)
            + "\n\n### Close codes\n\n| code | reason | what to do |\n|---|---|---|\n"
            + string.Concat(SocketModel.CloseCodes.Select(end => string.Create(
                CultureInfo.InvariantCulture,
                $"| {end.Code} | {(end.Reason.Length == 0 ? "normal" : end.Reason)} | {end.Advice} |\n")));
        operation.Responses!["101"] = new OpenApiResponse { Description = "Switching Protocols: the socket is open." };
        operation.Responses.Remove("200");
    }

    private string Section(string heading, IEnumerable<SocketEntry> entries) =>
        $"\n\n### {heading}\n" + string.Concat(entries.Select(entry =>
            $"\n\n**`{entry.Name}`** {shapes.Comments.Summary(entry.Record)}\n"
            + string.Concat(shapes.Fields(entry.Record).Select(field =>
                $"\n- `{field.Name}` `{field.Type}`{(field.IsRequired ? "" : ", optional")}: {field.Description}"))
            + $"\n\n```json\n{Examples.OnWire(entry.Record, ChatJson.Options).First()}\n```\n"));
}
