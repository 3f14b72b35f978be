using Chasqui.Protocol.Json;
using Chasqui.Server.Configuration;
using Chasqui.Server.Transports.RawWebSocket;
using Chasqui.Server.Transports.SignalR;

namespace Chasqui.Server.Introspection;

/// <summary><c>--list-api</c> and <c>--list-ws</c>: the endpoints, frames and events, from the code that serves them.</summary>
internal sealed class Listing(ListingPage page, WireShapes shapes)
{
    public static void Print(WebApplication app, TextWriter output, bool api, bool webSocket)
    {
        var listing = new Listing(new ListingPage(output), app.Services.GetRequiredService<WireShapes>());
        if (api)
        {
            var sources = ((IEndpointRouteBuilder)app).DataSources;
            listing.PrintApi([.. ApiEndpoint.All(sources.SelectMany(source => source.Endpoints))]);
        }

        if (webSocket)
        {
            listing.PrintSockets();
        }
    }

    private void PrintApi(IReadOnlyList<ApiEndpoint> endpoints)
    {
        page.Heading($"Chasqui {ServerVersion.Current}: endpoints");
        page.Paragraph("[token] marks calls that need 'Authorization: Bearer <token>'. A field without [required] may be left out. "
            + "The number is the HTTP status. A refusal is application/problem+json; the words after its status are the values of "
            + "its 'code'.");
        foreach (var endpoint in endpoints)
        {
            Print(endpoint);
        }

        page.Heading("Objects in the answers");
        page.Paragraph("A field marked [optional] can be missing; the others are always present.");
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

    private void PrintSockets()
    {
        page.Heading($"Chasqui {ServerVersion.Current}: sockets");
        page.Table(0,
        [
            ["raw WebSocket", RawEndpoint.Path + "?token=<token>", "One JSON object per text message, in both directions."],
            ["SignalR hub", SignalREndpoint.Path, "JSON protocol; 'access_token' in the query or an Authorization header. A "
                + "frame without its 'type' is the argument of the hub method, an event without it that of the hub event."],
        ]);
        Print("Client frames", "hub method", typeof(ClientFrame), SocketModel.Frames, required: "[required]", optional: "");
        page.Line();
        page.Paragraph("Hub methods return an Ack. " + SocketModel.HubRefusals);
        Print("Server events", "hub event", typeof(ServerEvent), SocketModel.Events, required: "", optional: "[optional]");
        page.Line();
        page.Paragraph("A raw connection gets NewMessage and Error, and the Ack, Welcome or Pong that answers its frame; it gets the "
            + "other events after it has sent hello. SignalR clients are opted in from the start.");
        page.Heading("Error codes");
        page.Table(0, [.. SocketModel.Codes.Select(known => new[] { known.Code, shapes.Comments.Summary(known.Constant) })]);
        page.Heading("Close codes");
        page.Table(0, [.. SocketModel.CloseCodes.Select(end => new[]
        {
            end.Code.ToString(CultureInfo.InvariantCulture), end.Reason.Length == 0 ? "normal" : end.Reason, end.Advice,
        })]);
    }

    private void Print(
        string heading, string kind, Type baseType, IEnumerable<SocketEntry> entries, string required, string optional)
    {
        page.Heading(heading);
        page.Paragraph(shapes.Comments.Summary(baseType));
        foreach (var entry in entries)
        {
            page.Line();
            page.Line($"{entry.Name}  ({(entry.HubName is { } name ? $"{kind} {name}" : "no " + kind)})");
            page.Paragraph(shapes.Comments.Summary(entry.Record), indent: 2);
            page.Table(2, [.. Rows(entry.Record, prefix: "", required, optional)
                .Prepend(["type", "string", required, $"Always `{entry.Name}`."])]);
            page.Line("  " + Examples.OnWire(entry.Record, ChatJson.Options).First());
        }
    }

    /// <summary>The fields, and the fields of nested objects by their path.</summary>
    private IEnumerable<string?[]> Rows(Type type, string prefix, string required, string optional)
    {
        foreach (var field in shapes.Fields(type))
        {
            yield return [prefix + field.Name, field.Type, field.IsRequired ? required : optional, field.Description];
            var path = $"{prefix}{field.Name}{(field.Type.EndsWith(']') ? "[]" : "")}.";
            foreach (var row in shapes.ObjectIn(field.Clr) is { } inner ? Rows(inner, path, required, optional) : [])
            {
                yield return row;
            }
        }
    }
}
