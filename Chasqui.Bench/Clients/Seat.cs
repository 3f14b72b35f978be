namespace Chasqui.Bench.Clients;

/// <summary>Where one client belongs.</summary>
/// <param name="Address">Of the socket, with everything that it needs.</param>
/// <param name="Room">What the server calls the room.</param>
internal sealed record Seat(Uri Address, string Room);
