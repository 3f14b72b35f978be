using System.Globalization;
using Chasqui.Protocol.Json;
using Microsoft.OpenApi;

namespace Chasqui.Server.Introspection;

/// <summary>OpenAPI has no words for a WebSocket: its frames stand in the description of the handshake, in Markdown.</summary>
internal sealed class HandshakeDocs(WireShapes shapes, XmlComments comments)
{
    private const string Introduction = """
        One JSON object per text message, in both directions. A frame that cannot be served gets one `Error`, and the
        connection lives on. Open it with `new WebSocket("ws://localhost:8080/api/ws/chat?token=" + token)`; this page
        cannot.

        A connection is sent `NewMessage` and `Error`, and `Ack` for what it asked with a `request_id`; the other events
        come after it has said `hello`.
        """;

    public void Describe(OpenApiOperation operation)
    {
        operation.Description = Text();
        operation.Responses ??= [];
        operation.Responses["101"] = new OpenApiResponse { Description = "Switching Protocols: the socket is open." };
        operation.Responses.Remove("200");
    }

    private string Text() => Introduction
        + Section("Client frames", WsModel.Frames)
        + Section("Server events", WsModel.Events)
        + "\n\n### Close codes\n\n| code | reason | what to do |\n|---|---|---|\n"
        + string.Concat(WsModel.CloseCodeFeature.Select(end =>
            string.Create(CultureInfo.InvariantCulture, $"| {end.Code} | {(end.Reason.Length == 0 ? "normal" : end.Reason)} | {end.Advice} |\n")));

    private string Section(string heading, IEnumerable<WsEntry> entries) =>
        $"\n\n### {heading}\n" + string.Concat(entries.Select(entry =>
            $"\n\n**`{entry.Name}`** {comments.Summary(entry.Record)}\n"
            + string.Concat(shapes.Fields(entry.Record).Select(field =>
                $"\n- `{field.Name}` `{field.Type}`{(field.IsRequired ? "" : ", optional")}: {field.Description}"))
            + $"\n\n```json\n{Examples.OnWire(entry.Record, ChatJson.Options)}\n```\n"));
}
