namespace Chasqui.Server.Http;

/// <summary>Marks the endpoint that issues tickets for sockets.</summary>
internal sealed record TicketEndpoint;
