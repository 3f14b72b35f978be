using System.Globalization;
using Chasqui.Server.Configuration;
using Microsoft.AspNetCore.Mvc;

namespace Chasqui.Server.Introspection;

/// <summary>Prints the endpoints.</summary>
internal sealed class ApiListing(ListingPage page, WireShapes shapes)
{
    public void Print(IReadOnlyList<ApiEndpoint> endpoints)
    {
        page.Heading($"Chasqui {ServerVersion.Current}: endpoints");
        page.Paragraph("[token] stands where a call needs 'Authorization: Bearer <token>'. A field without [required] may be "
            + "left out. The number is the HTTP status; a refusal is application/problem+json, and the words after its "
            + "status are the values of its 'code'.", indent: 0);
        foreach (var endpoint in endpoints)
        {
            Print(endpoint);
        }

        page.Heading("Objects in the answers");
        page.Paragraph("A field marked [optional] can be missing; the others are always there.", indent: 0);
        foreach (var type in endpoints.SelectMany(AnswerObjects).Distinct())
        {
            page.Line();
            page.Line(type.Name);
            Fields(type, optional: "[optional]", required: "");
        }
    }

    private void Print(ApiEndpoint endpoint)
    {
        page.Line();
        var methods = endpoint.Methods.Count == 0 ? "any" : string.Join(',', endpoint.Methods);
        page.Line($"{methods,-6} {endpoint.Path}{(endpoint.NeedsToken ? "  [token]" : "")}");
        page.Paragraph(endpoint.Summary, indent: 7);
        page.Paragraph(endpoint.Description, indent: 7);
        page.Table(7, [.. endpoint.Parameters.Select(parameter =>
            new[] { $"{parameter.In} {parameter.Name}", parameter.Type, parameter.Text })]);
        if (endpoint.Body is var (type, isOptional))
        {
            page.Line($"       body{(isOptional ? " (may be left out)" : "")}");
            Fields(type, optional: "", required: "[required]");
        }

        page.Table(7, [.. endpoint.Answers.Select(answer =>
            new[] { answer.Status.ToString(CultureInfo.InvariantCulture), Text(answer, endpoint) })]);
    }

    private void Fields(Type type, string optional, string required) => page.Table(9, [.. shapes.Fields(type).Select(field =>
        new[] { field.Name, field.Type, field.IsRequired ? required : optional, field.Description })]);

    private string Text(ApiAnswer answer, ApiEndpoint endpoint) =>
        answer.Body == typeof(ProblemDetails) ? string.Join(", ", endpoint.Codes(answer.Status))
        : answer.Body is { } body ? shapes.TypeName(body)
        : "";

    private IEnumerable<Type> AnswerObjects(ApiEndpoint endpoint) => endpoint.Answers
        .Where(answer => answer.Body is not null && answer.Body != typeof(ProblemDetails))
        .SelectMany(answer => Nested(answer.Body!));

    private IEnumerable<Type> Nested(Type type) => shapes.ObjectIn(type) is { } found
        ? shapes.Fields(found).SelectMany(field => Nested(field.Clr)).Prepend(found)
        : [];
}
