using System.Globalization;
using Chasqui.Protocol;
using Chasqui.Protocol.Json;
using Chasqui.Server.Configuration;
using Chasqui.Server.Transports.RawWebSocket;
using Chasqui.Server.Transports.SignalR;

namespace Chasqui.Server.Introspection;

/// <summary>Prints the frames and events of the raw socket, and what they are called at the hub.</summary>
internal sealed class WsListing(ListingPage page, WireShapes shapes, XmlComments comments)
{
    public void Print()
    {
        page.Heading($"Chasqui {ServerVersion.Current}: sockets");
        page.Table(0,
        [
            ["raw WebSocket", RawEndpoint.Path + "?token=<token>", "One JSON object per text message, in both directions."],
            ["SignalR hub", SignalREndpoint.Path, "JSON protocol; 'access_token' in the query or an Authorization header. A frame "
                + "without its 'type' is the argument of the hub method, an event without it that of the hub event."],
        ]);
        Print("Client frames", "hub method", typeof(ClientFrame), WsModel.Frames, required: "[required]", optional: "");
        page.Line();
        page.Paragraph("Hub methods return an Ack. " + WsModel.HubRefusals, indent: 0);
        Print("Server events", "hub event", typeof(ServerEvent), WsModel.Events, required: "", optional: "[optional]");
        page.Line();
        page.Paragraph("A raw connection is sent NewMessage and Error, and Ack, Welcome or Pong for what it asked; what nobody has asked for "
            + "comes after it has said hello. SignalR clients are opted in from the start.", indent: 0);

        page.Heading("Error codes");
        page.Table(0, [.. WsModel.Codes.Select(code => new[] { (string)code.GetRawConstantValue()!, comments.Summary(code) })]);
        page.Heading("Close codes");
        page.Table(0, [.. WsModel.CloseCodeFeature.Select(end =>
            new[] { end.Code.ToString(CultureInfo.InvariantCulture), end.Reason.Length == 0 ? "normal" : end.Reason, end.Advice })]);
    }

    private void Print(string heading, string door, Type baseType, IEnumerable<WsEntry> entries, string required, string optional)
    {
        page.Heading(heading);
        page.Paragraph(comments.Summary(baseType), indent: 0);
        foreach (var entry in entries)
        {
            page.Line();
            page.Line($"{entry.Name}  ({(entry.HubName is { } name ? $"{door} {name}" : "no " + door)})");
            page.Paragraph(comments.Summary(entry.Record), indent: 2);
            page.Table(2, [.. Rows(entry.Record, prefix: "", required, optional)
                .Prepend(["type", "string", required, $"Always `{entry.Name}`."])]);
            page.Line("  " + Examples.OnWire(entry.Record, ChatJson.Options));
        }
    }

    /// <summary>The fields with those of the objects inside, each under the path that leads to it.</summary>
    private IEnumerable<string?[]> Rows(Type type, string prefix, string required, string optional) => shapes.Fields(type).SelectMany(field =>
    {
        var inner = shapes.ObjectIn(field.Clr) is { } found
            ? Rows(found, $"{prefix}{field.Name}{(field.Type.EndsWith(']') ? "[]" : "")}.", required, optional)
            : [];
        return inner.Prepend([prefix + field.Name, field.Type, field.IsRequired ? required : optional, field.Description]);
    });
}
