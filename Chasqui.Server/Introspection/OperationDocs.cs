using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chasqui.Server.Http;
using Chasqui.Server.Transports.RawWebSocket;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace Chasqui.Server.Introspection;

/// <summary>Gives the operations parameters with limits, security, examples, and answers that name their codes.</summary>
internal sealed class OperationDocs(EndpointDataSource endpoints, WireShapes shapes, XmlComments comments, IServiceProvider services)
    : IOpenApiOperationTransformer
{
    private readonly JsonSerializerOptions _json = Docs.Json(services);

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var path = "/" + context.Description.RelativePath!.Trim('/');
        var endpoint = endpoints.Endpoints.OfType<RouteEndpoint>()
            .Select(found => new ApiEndpoint(found))
            .First(found => found.Path == path && found.Methods.Contains(context.Description.HttpMethod!));
        Describe(operation, endpoint, context.Document!);
        if (path == RawEndpoint.Path)
        {
            new HandshakeDocs(shapes, comments).Describe(operation);
        }

        return Task.CompletedTask;
    }

    /// <summary>Security schemes live in the document; an empty list says that none is needed.</summary>
    public static List<OpenApiSecurityRequirement> Security(ApiEndpoint endpoint, OpenApiDocument document)
    {
        var inQuery = endpoint.Parameters
            .Where(parameter => parameter.In == "query" && DocumentDocs.Schemes.ContainsKey(parameter.Name))
            .Select(parameter => parameter.Name);
        return endpoint.NeedsToken
            ? [.. inQuery.Prepend(DocumentDocs.Bearer)
                .Select(scheme => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, document)] = [] })]
            : [];
    }

    private void Describe(OpenApiOperation operation, ApiEndpoint endpoint, OpenApiDocument document)
    {
        operation.Security = Security(endpoint, document);
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
            var json = (OpenApiMediaType)body.Content!["application/json"];
            body.Content.Remove(RequestChecks.AnyType);
            json.Example = Examples.Of(type, _json);
            if (isOptional && json.Schema is { OneOf: [_, var schema] })
            {
                json.Schema = schema;
            }
        }
    }

    private static OpenApiParameter Parameter(ApiParameter parameter) => new()
    {
        Name = parameter.Name,
        In = parameter.In == "path" ? ParameterLocation.Path : ParameterLocation.Query,
        Required = parameter.In == "path",
        Description = parameter.Description,
        Example = parameter.Example is { } example ? JsonValue.Create(example) : null,
        Schema = new OpenApiSchema
        {
            Type = parameter.Type == "integer" ? JsonSchemaType.Integer : JsonSchemaType.String,
            Pattern = parameter.Pattern,
            Minimum = parameter.Minimum?.ToString(CultureInfo.InvariantCulture),
            Maximum = parameter.Maximum?.ToString(CultureInfo.InvariantCulture),
            Default = parameter.Default is int number ? JsonValue.Create(number) : null,
        },
    };

    private void Describe(OpenApiResponse answer, int status, ApiEndpoint endpoint)
    {
        var body = endpoint.Answers.FirstOrDefault(known => known.Status == status)?.Body;
        if (body != typeof(ProblemDetails))
        {
            if (body is not null && status < StatusCodes.Status400BadRequest && answer.Content?.TryGetValue("application/json", out var content) == true && content is OpenApiMediaType json)
            {
                json.Example = Examples.Of(body, _json);
            }

            return;
        }

        var codes = endpoint.Codes(status);
        var meanings = WsModel.Codes.ToDictionary(code => (string)code.GetRawConstantValue()!, comments.Summary);
        answer.Description = $"{ReasonPhrases.GetReasonPhrase(status)}\n\n"
            + string.Join('\n', codes.Select(code => $"- `{code}`: {meanings[code]}"));
        foreach (var problem in answer.Content!.Values.OfType<OpenApiMediaType>())
        {
            problem.Examples = codes.ToDictionary(
                code => code,
                code => (IOpenApiExample)new OpenApiExample { Value = ProblemExamples.Of(code, _json) });
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
}
